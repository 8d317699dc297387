// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"

	gomail "github.com/wneessen/go-mail"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Outbox is the embedded Notifier: a folder with one file per message, .eml for mail (open it in any mail program) and
// .json for direct messages. A message that is there already is not written again.
type Outbox struct {
	dir  string
	from *mail.Address
	mu   sync.Mutex
}

// NewOutbox creates the folder if needed. from is the sender of mail, with or without a display name.
func NewOutbox(dir, from string) (*Outbox, error) {
	addr, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("opening outbox: sender %q is not a mail address: %w", from, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("opening outbox: %w", err)
	}
	return &Outbox{dir: dir, from: addr}, nil
}

// OpenOutbox gives the outbox of the options.
func OpenOutbox(_ context.Context, o Options) (Notifier, error) { return o.Outbox, nil }

// Notify implements Notifier.
func (o *Outbox) Notify(ctx context.Context, n *aerv1.Notification) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := Validate(n); err != nil {
		return err
	}
	content, err := o.content(n)
	if err != nil {
		return fmt.Errorf("writing notification %q: %w", n.GetId(), err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if err := createFile(o.dir, FileName(n), content); err != nil {
		return fmt.Errorf("writing notification %q: %w", n.GetId(), err)
	}
	return nil
}

func (o *Outbox) content(n *aerv1.Notification) ([]byte, error) {
	if n.GetChannel() == ChannelDM {
		line, err := aerv1.MarshalJSONLine(n)
		return append(line, '\n'), err
	}
	msg, err := Mail(n, o.from)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = msg.WriteTo(&b)
	return b.Bytes(), err
}

// Mail builds the MIME message of a notification, text and HTML. Equal notifications give equal bytes.
func Mail(n *aerv1.Notification, from *mail.Address) (*gomail.Msg, error) {
	word := aerv1.NewID("mail", n.GetId())
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithBoundary("aer-"+word))
	m.FromMailAddress(from)
	if err := checkAddress(n.GetAddress()); err != nil {
		return nil, err
	}
	m.ToMailAddress(&mail.Address{Address: n.GetAddress()})
	m.Subject(clean(n.GetSubject(), maxLine))
	m.SetDateWithValue(n.GetTime().AsTime().UTC())
	// In ASCII whatever the server takes: both headers are ids, which must be the same for every attempt and way.
	domain, err := ASCIIDomain(from.Address[strings.LastIndexByte(from.Address, '@')+1:])
	if err != nil {
		return nil, fmt.Errorf("naming the sender's domain: %w", err)
	}
	// The same for every attempt: mail systems that look for duplicates find one delivered twice.
	m.SetMessageIDWithValue(word + "@" + domain)
	// RFC 3834, and what older and Microsoft's programs look at: keeps out-of-office replies from answering.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("Precedence", "bulk")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	// RFC 2919: lets people filter these messages.
	m.SetGenHeader("List-Id", "<notifications.aer."+domain+">")
	m.SetGenHeader("Content-Language", token(n.GetLanguage()))
	m.SetBodyString(gomail.TypeTextPlain, n.GetText())
	if n.GetHtml() != "" {
		m.AddAlternativeString(gomail.TypeTextHTML, n.GetHtml())
	}
	return m, nil
}

// FileName is the name of a notification's file: channel and person for the reader, the id to make it unique. It
// depends on nothing that can differ between two deliveries of one notification, and holds only letters, digits, - and
// _.
func FileName(n *aerv1.Notification) string {
	ext := ".eml"
	if n.GetChannel() == ChannelDM {
		ext = ".json"
	}
	id := aerv1.NewID("outbox", n.GetOrgId(), n.GetId())
	return n.GetChannel() + "-" + safeName(n.GetUserId()) + "-" + id + ext
}

func safeName(s string) string {
	keep := func(r rune) rune {
		if r < 128 && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-') {
			return r
		}
		return '_'
	}
	s = strings.Map(keep, s)
	return s[:min(len(s), maxToken)]
}

// createFile writes a file completely or not at all, unless it exists. The temporary name is fixed, so that what a
// crash left behind is overwritten and not collected.
func createFile(dir, name string, content []byte) error {
	final := filepath.Join(dir, name)
	if _, err := os.Stat(final); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tmp := filepath.Join(dir, "."+name+".tmp")
	if err := writeSynced(tmp, content); err != nil {
		return err
	}
	if err := os.Rename(tmp, final); err != nil {
		return err
	}
	return syncDir(dir)
}

func writeSynced(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncDir makes the rename itself durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
