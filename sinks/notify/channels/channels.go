// Package channels puts together what carries AER's messages: for each channel the notifier that a deployment has chosen,
// and before them digests and the style of the messages.
package channels

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/notify/pubsub"
	"github.com/aer-project/aer/sinks/notify/slackdm"
	"github.com/aer-project/aer/sinks/notify/smtp"
	"github.com/aer-project/aer/sinks/notify/webhook"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/topic"
)

// FlushEvery is how often the store is looked at for digests: a digest is at most this late.
const FlushEvery = 15 * time.Second

// closeTimeout bounds what Close waits for digests to be sent. What it cannot send stays in the store.
const closeTimeout = 20 * time.Second

// Options of Open.
type Options struct {
	// Outbox is the folder of the outbox, and Sender the sender of mail.
	Outbox, Sender string
	// Secrets reads what the configuration refers to.
	Secrets *secret.Loader
	// Digests keeps what is held back; nil switches digests off.
	Digests kv.Store
	Now     func() time.Time // nil means time.Now
	Log     *slog.Logger     // nil means slog.Default()
}

// Router is a notify.Notifier that hands each message to the notifier of its channel.
type Router map[string]notify.Notifier

// Notify implements notify.Notifier.
func (r Router) Notify(ctx context.Context, n *aerv1.Notification) error {
	if err := notify.Validate(n); err != nil {
		return err
	}
	next := r[n.GetChannel()]
	if next == nil {
		return retry.Permanent(fmt.Errorf("delivering message: nothing carries the channel %q here: see notify.%s.kind", n.GetChannel(), n.GetChannel()))
	}
	return next.Notify(ctx, n)
}

// Messenger is everything between a response and the people it concerns. Close it before its store.
type Messenger struct {
	notify.Notifier
	*notify.Renderer
	// Direct is the Notifier without digests.
	Direct  notify.Notifier
	digests *digest.Notifier // nil without digests
	closers []func() error
	stop    func()
}

// Open checks the configuration and opens what it names. Only what it names is asked for: no server is called.
func Open(ctx context.Context, c Config, o Options) (m *Messenger, err error) {
	if err := c.Validate(o.Sender); err != nil {
		return nil, fmt.Errorf("setting up messages: %w", err)
	}
	m = &Messenger{stop: func() {}}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("setting up messages: %w", err), m.Close())
			m = nil
		}
	}()
	if o.Now == nil {
		o.Now = time.Now
	}
	if m.Renderer, err = notify.NewRenderer(c.Style); err != nil {
		return m, err
	}
	b := &opener{ctx: ctx, o: o, m: m}
	router := Router{}
	if router[notify.ChannelEmail], err = b.email(c.Email); err != nil {
		return m, err
	}
	if router[notify.ChannelDM], err = b.dm(c.DM); err != nil {
		return m, err
	}
	m.Notifier, m.Direct = router, router
	if o.Digests == nil || c.Digest.AfterMessages == 0 {
		return m, nil
	}
	m.digests, err = digest.New(router, o.Digests, c.Digest, digest.Options{Write: m.Digest, Now: o.Now, Log: o.Log})
	if err != nil {
		return m, err
	}
	m.Notifier = m.digests
	m.run(ctx)
	return m, nil
}

// run flushes digests in the background until Close.
func (m *Messenger) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ticker := time.NewTicker(FlushEvery)
	var wg sync.WaitGroup
	wg.Go(func() { m.digests.Run(ctx, ticker.C) })
	m.stop = sync.OnceFunc(func() {
		ticker.Stop()
		cancel()
		wg.Wait()
	})
}

// Close sends what is held back, because nobody may come after to do so, and closes what was opened.
func (m *Messenger) Close() error {
	m.stop()
	var errs []error
	if m.digests != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		_, err := m.digests.FlushAll(ctx)
		errs = append(errs, err)
		m.digests = nil
	}
	for _, c := range m.closers {
		errs = append(errs, c())
	}
	m.closers = nil
	return errors.Join(errs...)
}

// opener opens one notifier after the other.
type opener struct {
	ctx    context.Context
	o      Options
	m      *Messenger
	outbox *notify.Outbox
}

func (b *opener) email(c Email) (notify.Notifier, error) {
	switch c.Kind {
	case KindOutbox:
		return b.files()
	case KindSMTP:
		s := c.smtp(b.o.Sender)
		var password secret.Source
		if !s.Password.Empty() {
			followed, err := b.secret("email.smtp.password", s.Password)
			if err != nil {
				return nil, err
			}
			password = followed
		}
		return found(smtp.New(s, password))
	case KindWebhook:
		return b.webhook("email.webhook", c.Webhook)
	case KindPubSub:
		return b.pubsub(c.PubSub)
	}
	return nil, nil
}

func (b *opener) dm(c DM) (notify.Notifier, error) {
	switch c.Kind {
	case KindOutbox:
		return b.files()
	case KindSlack:
		token, err := b.secret("dm.slack.token", c.Slack.Token)
		if err != nil {
			return nil, err
		}
		return found(slackdm.New(c.Slack, token, slackdm.Options{Now: b.o.Now, Log: b.o.Log}))
	case KindWebhook:
		return b.webhook("dm.webhook", c.Webhook)
	case KindPubSub:
		return b.pubsub(c.PubSub)
	}
	return nil, nil
}

// found keeps a nil pointer from becoming a notifier.
func found[N notify.Notifier](n N, err error) (notify.Notifier, error) {
	if err != nil {
		return nil, err
	}
	return n, nil
}

func (b *opener) files() (notify.Notifier, error) {
	if b.outbox != nil {
		return b.outbox, nil
	}
	var err error
	b.outbox, err = notify.NewOutbox(b.o.Outbox, b.o.Sender)
	return found(b.outbox, err)
}

func (b *opener) secret(name string, r secret.Ref) (secret.Source, error) {
	if b.o.Secrets == nil {
		return nil, fmt.Errorf("%s: nothing reads secrets", name)
	}
	s, err := b.o.Secrets.Follow(b.ctx, r, b.o.Now)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return s, nil
}

func (b *opener) webhook(name string, c webhook.Config) (notify.Notifier, error) {
	var secrets []secret.Source
	for i, r := range c.Secrets {
		s, err := b.secret(fmt.Sprintf("%s.secrets[%d]", name, i), r)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, s)
	}
	w, err := webhook.New(c, secrets, b.o.Now)
	if err != nil {
		return nil, err
	}
	b.m.closers = append(b.m.closers, w.Close)
	return w, nil
}

func (b *opener) pubsub(c topic.Config) (notify.Notifier, error) {
	p, err := pubsub.Open(b.ctx, c)
	if err != nil {
		return nil, err
	}
	b.m.closers = append(b.m.closers, p.Close)
	return p, nil
}
