// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/adapters"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// Names in the folder of results, in mode enforce.
const (
	auditFile  = "audit.ndjson"
	OutboxName = "outbox"
)

func (p *Parts) openLedger(context.Context) (err error) {
	if !IsFile(p.c.Store) {
		p.Ledger = p.store
		return nil
	}
	if p.Ledger, err = openLedgerFile(p.c.Out); err != nil {
		return err
	}
	p.closing(p.Ledger.Close)
	return nil
}

func (p *Parts) openTrail(ctx context.Context) (err error) {
	if p.trail, err = trail.OpenFile(ctx, p.Ledger, filepath.Join(p.c.Out, auditFile)); err != nil {
		return err
	}
	p.closing(p.trail.Close)
	return nil
}

func (p *Parts) openSecrets(context.Context) error {
	p.secrets = &secret.Loader{}
	p.closing(p.secrets.Close)
	return nil
}

func (p *Parts) openSessions(ctx context.Context) (err error) {
	p.sessions, err = adapters.Open(ctx, p.c.Sessions, sessions.Options{
		Store: p.Ledger, Directory: p.chosen.Directory(), Secrets: p.secrets, Now: time.Now,
	})
	if c, ok := p.sessions.(io.Closer); ok {
		p.closing(c.Close)
	}
	return err
}

func (p *Parts) openMessages(ctx context.Context) (err error) {
	p.messages, err = channels.Open(ctx, p.c.Notify, channels.Options{
		Outbox: filepath.Join(p.c.Out, OutboxName), Sender: p.c.Sender, Secrets: p.secrets, Digests: p.Ledger,
	})
	if err != nil {
		return err
	}
	p.closing(p.messages.Close)
	return nil
}

func (p *Parts) openResponder(context.Context) error {
	operators, err := notify.Operators(p.c.Notify.Operators)
	if err != nil {
		return fmt.Errorf("setting up messages: %w", err)
	}
	p.response, err = response.New(response.Config{
		Ledger: ledger.New(p.Ledger), Sessions: p.sessions,
		Audit:    audit.Tee{p.trail, p.audit}, // the store's own is the truth that the others follow
		Notifier: p.messages, Render: p.messages.Render, RenderPage: p.messages.RenderPage, Operators: operators,
		Directory: p.chosen.Directory(), Settings: p.chosen.Settings(), Defaults: settings.Default,
		Warehouse: p.Output.Warehouse, Now: time.Now,
	})
	if err != nil {
		return err
	}
	p.Output.Responder, p.Resume = p.response, p.response.Resume
	return nil
}
