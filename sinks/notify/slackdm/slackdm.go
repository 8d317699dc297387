// SPDX-License-Identifier: Apache-2.0

// Package slackdm delivers direct messages through Slack (conversations.open, chat.postMessage).
//
// Slack has no idempotency key that apps may rely on. Each message therefore carries the notification's id as metadata,
// and before one is posted the conversation is searched for it: a message that was posted, but whose answer was lost,
// or whose process died, is not posted again. Without the scope im:history, or with check_duplicates: false, such a
// message may come twice.
//
// Text goes as plain text with Slack's control characters escaped: no name can mention a channel or make a link.
package slackdm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"time"

	"github.com/slack-go/slack"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
)

// EventType marks our messages (metadata.event_type); their event_payload has the notification's id.
const EventType = "aer_notification"

// textMax is the longest text in characters: Slack cuts at 40,000.
const textMax = 39_000

// lookBack is how far before the message's own time it is looked for, which covers clocks that differ; historyMax how
// many messages are looked at: more than one conversation gets in that time, because digests bound it.
const (
	lookBack   = time.Hour
	historyMax = 200
)

// userID is what Slack's ids of people look like. Anything else could name several people, or a channel.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]{1,30}$`)

// Options of New. The zero value is right for production.
type Options struct {
	Now   func() time.Time                                 // nil means time.Now
	Sleep func(ctx context.Context, d time.Duration) error // nil means the real clock
	HTTP  *http.Client                                     // nil means one with the configured timeout
	Log   *slog.Logger                                     // nil means slog.Default()
}

// Notifier sends direct messages. It implements notify.Notifier for notify.ChannelDM, with Slack's id of a person as
// address, and is safe for concurrent use.
type Notifier struct {
	c     Config
	token secret.Source
	http  *http.Client
	log   *slog.Logger
	conv  conversations
	once  notify.Once
}

// Open is New with the secrets that the configuration refers to.
func Open(ctx context.Context, c Config, o notify.Options) (notify.Notifier, error) {
	tokens, err := o.Secrets.FollowAll(ctx, "token", o.Now, c.Token)
	if err != nil {
		return nil, err
	}
	return New(c, tokens[0], Options{Now: o.Now, Log: o.Log})
}

// New checks the configuration and calls nobody. The token is asked for at each delivery, so that it can change.
func New(c Config, token secret.Source, o Options) (*Notifier, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("setting up direct messages: %w", err)
	}
	if token == nil {
		return nil, errors.New("setting up direct messages: there is no token")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = retry.Policy{}.Start().Sleep
	}
	return &Notifier{
		c: c, token: token, http: cmp.Or(o.HTTP, &http.Client{Timeout: c.Timeout, CheckRedirect: stay}),
		log:  cmp.Or(o.Log, slog.Default()),
		conv: conversations{every: c.PerChannel, now: o.Now, sleep: o.Sleep},
	}, nil
}

// stay follows no redirect: it would take the token to another host.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Notify implements notify.Notifier.
func (s *Notifier) Notify(ctx context.Context, n *aerv1.Notification) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := notify.Validate(n); err != nil {
		return err
	}
	if n.GetChannel() != notify.ChannelDM {
		return retry.Permanent(fmt.Errorf("delivering direct message: channel is %q, want %q", n.GetChannel(),
			notify.ChannelDM))
	}
	if !userID.MatchString(n.GetAddress()) {
		return retry.Permanent(&Error{Class: notify.ClassAddress, text: fmt.Sprintf("%q is not Slack's id of a person",
			notify.Line(n.GetAddress()))})
	}
	return s.once.Do(ctx, n, func(ctx context.Context) error { return s.deliver(ctx, n) })
}

func (s *Notifier) deliver(ctx context.Context, n *aerv1.Notification) error {
	if err := s.conv.check(); err != nil {
		return err
	}
	token, err := s.token.Get(ctx)
	if err != nil {
		return fmt.Errorf("delivering direct message: reading the token: %w", err)
	}
	d := &delivery{Notifier: s, n: n, token: token.Reveal(), api: slack.New(token.Reveal(), s.options()...)}
	conversation, err := d.open(ctx)
	if err != nil {
		return err
	}
	if posted, err := d.posted(ctx, conversation); posted || err != nil {
		return err
	}
	if err := s.conv.turn(ctx, conversation); err != nil {
		return err
	}
	return d.post(ctx, conversation)
}

func (s *Notifier) options() []slack.Option {
	o := []slack.Option{slack.OptionHTTPClient(s.http)}
	if s.c.API != "" {
		o = append(o, slack.OptionAPIURL(s.c.API))
	}
	return o
}

// delivery is one attempt to deliver one message.
type delivery struct {
	*Notifier
	n     *aerv1.Notification
	token string
	api   *slack.Client
}

// failed classifies an error and keeps everyone back if Slack asks for it.
func (d *delivery) failed(method string, err error) error {
	var limited *slack.RateLimitedError
	if errors.As(err, &limited) {
		d.conv.pause(max(limited.RetryAfter, time.Second))
	}
	return classify(method, err, d.token)
}

func (d *delivery) open(ctx context.Context) (string, error) {
	user := d.n.GetAddress()
	if id := d.conv.id(user); id != "" {
		return id, nil
	}
	ch, _, _, err := d.api.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err == nil && (ch == nil || ch.ID == "") {
		err = errors.New("the answer names no conversation")
	}
	if err != nil {
		return "", d.failed("conversations.open", err)
	}
	d.conv.set(user, ch.ID)
	return ch.ID, nil
}

// posted says whether the conversation has the message already.
func (d *delivery) posted(ctx context.Context, conversation string) (bool, error) {
	if !d.c.CheckDuplicates {
		return false, nil
	}
	oldest := max(d.n.GetTime().AsTime().Add(-lookBack).Unix(), 0)
	h, err := d.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{
		ChannelID: conversation, Oldest: strconv.FormatInt(oldest, 10), Limit: historyMax, IncludeAllMetadata: true,
	})
	var answer slack.SlackErrorResponse
	if errors.As(err, &answer) && (answer.Err == "missing_scope" || answer.Err == "no_permission") {
		d.log.Warn(
			"duplicates of direct messages are not looked for: grant the scope im:history, or set check_duplicates: false")
		return false, nil
	}
	if err != nil {
		return false, d.failed("conversations.history", err)
	}
	for _, m := range h.Messages {
		if m.Metadata.EventType == EventType && m.Metadata.EventPayload["id"] == notify.Key(d.n) {
			return true, nil
		}
	}
	return false, nil
}

func (d *delivery) post(ctx context.Context, conversation string) error {
	_, at, err := d.api.PostMessageContext(ctx, conversation,
		slack.MsgOptionText(text(d.n), true), slack.MsgOptionDisableMarkdown(), slack.MsgOptionParse(false),
		slack.MsgOptionDisableLinkUnfurl(), slack.MsgOptionDisableMediaUnfurl(),
		slack.MsgOptionMetadata(slack.SlackMetadata{EventType: EventType,
			EventPayload: map[string]any{"id": notify.Key(d.n)}}),
	)
	if err == nil && at == "" {
		err = errors.New("the answer names no message")
	}
	if err == nil {
		return nil
	}
	err = d.failed("chat.postMessage", err)
	if !retry.Recoverable(err) {
		d.conv.set(d.n.GetAddress(), "") // it may have been closed: open it again next time
	}
	return err
}

func text(n *aerv1.Notification) string {
	s := n.GetText()
	if n.GetSubject() != "" {
		s = n.GetSubject() + "\n\n" + s
	}
	if r := []rune(s); len(r) > textMax {
		s = string(r[:textMax]) + "…"
	}
	return s
}
