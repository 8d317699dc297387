package response

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/warehouse"
)

// Names in the folder of the embedded twins.
const (
	StoreFile  = "aer.db"
	AuditFile  = "audit.ndjson"
	OutboxName = "outbox"
)

// DefaultSender is the sender of mail that nobody sends: the outbox is a folder. The domain is reserved (RFC 2606).
const DefaultSender = "AER <aer@aer.invalid>"

// EmbeddedOptions of OpenEmbedded. The zero value is right for a laptop.
type EmbeddedOptions struct {
	Now      func() time.Time                   // nil means time.Now
	Defaults func(orgID string) *aerv1.Settings // as Config.Defaults
	Sender   string                             // "" means DefaultSender
	Log      *slog.Logger                       // nil means slog.Default()
	// Messages says how people are told; nil means by the outbox, each message by itself. Secrets reads what it refers to.
	Messages *channels.Config
	Secrets  *secret.Loader
	// Sessions opens the adapter that ends sessions, on the folder's store; nil means the store's own table. The caller closes it.
	Sessions func(kv.Store) (sessions.Sessions, error)
	// Settings and Directory are where these live; nil means the folder's own store.
	Settings  stored.Reader
	Directory directory.Reader
	// Audit is where audit entries go besides the store and its file; nil means nowhere. The caller closes it.
	Audit AuditSink
	// Warehouse is as Config.Warehouse; nil means nowhere. The caller closes it.
	Warehouse warehouse.Writer
}

// audit puts the store's own log before what else takes entries: it is the truth that the others follow.
func (o EmbeddedOptions) audit(own AuditSink) AuditSink {
	if o.Audit == nil {
		return own
	}
	return audit.Tee{own, o.Audit}
}

// messages are the options that go with Messages.
func (o EmbeddedOptions) messages(dir string, s kv.Store) (channels.Config, channels.Options) {
	opts := channels.Options{Outbox: filepath.Join(dir, OutboxName), Sender: o.Sender, Secrets: o.Secrets, Now: o.Now, Log: o.Log}
	if o.Messages == nil {
		return channels.DefaultConfig(), opts
	}
	opts.Digests = s
	return *o.Messages, opts
}

// Embedded is a responder on the embedded twins, all in one folder: ledger, settings, directory and sessions in one bbolt
// file, the audit log also as NDJSON, messages as files in an outbox.
type Embedded struct {
	*Responder
	Store    kv.Store
	audit    *trail.File
	messages *channels.Messenger
}

// OpenEmbedded opens or creates the folder and wires a responder on it. Only one process can have it open.
func OpenEmbedded(ctx context.Context, dir string, o EmbeddedOptions) (*Embedded, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sender == "" {
		o.Sender = DefaultSender
	}
	if o.Warehouse == nil {
		o.Warehouse = warehouse.Discard{}
	}
	s, err := kv.Open(filepath.Join(dir, StoreFile), kv.Options{})
	if err != nil {
		return nil, err
	}
	file, err := trail.OpenFile(ctx, s, filepath.Join(dir, AuditFile))
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if o.Settings == nil {
		o.Settings = stored.New(s)
	}
	if o.Directory == nil {
		o.Directory = directory.New(s)
	}
	e := &Embedded{Store: s, audit: file}
	var revoke sessions.Sessions = sessions.NewEmbedded(sessions.NewTable(s), o.Now)
	if o.Sessions != nil {
		if revoke, err = o.Sessions(s); err != nil {
			return nil, errors.Join(err, e.Close())
		}
	}
	c, opts := o.messages(dir, s)
	if e.messages, err = channels.Open(ctx, c, opts); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	operators, err := notify.Operators(c.Operators)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("setting up messages: %w", err), e.Close())
	}
	e.Responder, err = New(Config{
		Operators: operators, RenderPage: e.messages.RenderPage,
		Ledger: ledger.New(s), Sessions: revoke, Audit: o.audit(file), Notifier: e.messages, Warehouse: o.Warehouse, Render: e.messages.Render,
		Directory: o.Directory, Settings: o.Settings, Now: o.Now, Defaults: o.Defaults, Log: o.Log,
	})
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// Close lets go of the folder.
func (e *Embedded) Close() error {
	var messages error
	if e.messages != nil {
		messages = e.messages.Close()
	}
	if err := errors.Join(messages, e.audit.Close(), e.Store.Close()); err != nil {
		return fmt.Errorf("closing the embedded responder: %w", err)
	}
	return nil
}
