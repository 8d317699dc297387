// SPDX-License-Identifier: Apache-2.0

package channels_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/notify/slackdm"
	"github.com/aer-project/aer/sinks/notify/smtp"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/strict"
)

const sender = "AER <aer@example.com>"

// defaults is what operators start from.
func defaults() (c channels.Config) {
	c.Email = channels.Email{Kind: channels.KindOutbox,
		SMTP: smtp.Config{TLS: smtp.TLSStart, Timeout: 8 * time.Second, Connections: 4}}
	c.DM = channels.DM{Kind: channels.KindOutbox, Slack: slackdm.Config{CheckDuplicates: true, Timeout: 3 * time.Second,
		PerChannel: time.Second}}
	c.Digest = digest.Config{AfterMessages: 5, Window: 10 * time.Minute}
	return c
}

// parse reads a section notify as a configuration file would, over the defaults.
func parse(t *testing.T, text string) channels.Config {
	t.Helper()
	c := struct {
		Notify channels.Config `yaml:"notify"`
	}{defaults()}
	if err := strict.Decode("aer.yaml", []byte("notify:\n  "+strings.ReplaceAll(text, "\n", "\n  ")), &c); err != nil {
		t.Fatal(err)
	}
	return c.Notify
}

func open(t *testing.T, c channels.Config, o channels.Options) *channels.Messenger {
	t.Helper()
	o.Sender, o.Outbox = sender, filepath.Join(t.TempDir(), "outbox")
	m, err := channels.Open(context.Background(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func note(id, channel, address string) *aerv1.Notification {
	return &aerv1.Notification{Id: id, OrgId: "O1", UserId: "U9", Roles: []string{aerv1.RoleSecurityAdmin},
		Channel: channel, Address: address,
		Subject: "Ada was signed out", Text: "Hello", Time: aerv1.Time(sinktest.T0)}
}

func TestConformance(t *testing.T) {
	sinktest.Notifier(t, []string{notify.ChannelEmail, notify.ChannelDM},
		func(t *testing.T) (sinktest.NotifierUnderTest, func() sinktest.NotifierUnderTest) {
			dir := t.TempDir()
			reopen := func() sinktest.NotifierUnderTest {
				m, err := channels.Open(context.Background(), defaults(), channels.Options{Outbox: dir, Sender: sender})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = m.Close() })
				return sinktest.NotifierUnderTest{Notifier: m, Delivered: func(channel, _ string) int {
					files, _ := filepath.Glob(filepath.Join(dir, channel+"-*"))
					return len(files)
				}}
			}
			return reopen(), reopen
		})
}

// TestEachChannelGoesItsOwnWay: mail by topic, direct messages to Slack, as one configuration file says.
func TestEachChannelGoesItsOwnWay(t *testing.T) {
	bus := sinktest.NewBus(t, "projects/p/topics/mail")
	posted := 0
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "chat.postMessage"):
			posted++
			fmt.Fprint(w, `{"ok":true,"channel":"D1","ts":"1.1"}`)
		case strings.HasSuffix(r.URL.Path, "conversations.open"):
			fmt.Fprint(w, `{"ok":true,"channel":{"id":"D1"}}`)
		default:
			fmt.Fprint(w, `{"ok":true,"messages":[]}`)
		}
	}))
	defer slack.Close()
	m := open(t, parse(t, `
email: {kind: pubsub, pubsub: {topic: projects/p/topics/mail, endpoint: "`+bus.Addr+`"}}
dm: {kind: slack, slack: {token: "env:SLACK", api: "`+slack.URL+`/"}}
`), channels.Options{Secrets: &secret.Loader{LookupEnv: func(string) (string, bool) { return "xoxb-1", true }}})
	for _, n := range []*aerv1.Notification{note("N1", notify.ChannelEmail, "sam@acme.example"),
		note("N2", notify.ChannelDM, "U9")} {
		if err := m.Notify(context.Background(), n); err != nil {
			t.Fatal(err)
		}
	}
	if len(bus.Messages()) != 1 || posted != 1 {
		t.Errorf("%d by topic, %d by Slack", len(bus.Messages()), posted)
	}
}

func TestNothingCarriesIt(t *testing.T) {
	m := open(t, parse(t, "dm: {kind: none}"), channels.Options{})
	err := m.Notify(context.Background(), note("N1", notify.ChannelDM, "U9"))
	if err == nil || retry.Recoverable(err) || !strings.Contains(err.Error(), "notify.dm.kind") {
		t.Errorf("error is %v", err)
	}
}

// TestCloseSendsWhatIsHeldBack: the last of a run does not stay in the store.
func TestCloseSendsWhatIsHeldBack(t *testing.T) {
	dir, s := t.TempDir(), sinktest.NewMemory()
	m, err := channels.Open(context.Background(), defaults(), channels.Options{Outbox: dir, Sender: sender, Digests: s,
		Now: func() time.Time { return sinktest.T0 }})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 9 {
		if err := m.Notify(context.Background(),
			note(fmt.Sprint("N", i), notify.ChannelEmail, "sam@acme.example")); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 6 {
		t.Errorf("%d files, %v; want 5 messages and a digest", len(files), err)
	}
}

func TestValidateNamesTheKey(t *testing.T) {
	for text, want := range map[string]string{
		"email: {kind: pigeon}":                                     `email.kind: "pigeon" is not possible; use outbox, smtp`,
		"dm: {kind: smtp}":                                          `dm.kind: "smtp" is not possible; use outbox, slack`,
		"email: {kind: smtp, smtp: {port: -1}}":                     "email.smtp.host: must not be empty",
		"email: {kind: smtp, smtp: {host: h, port: -1}}":            "email.smtp.port: -1 is not possible",
		"email: {kind: webhook}":                                    "email.webhook.url: must not be empty",
		"email: {kind: pubsub}":                                     "email.pubsub.topic: must not be empty",
		"dm: {kind: slack}":                                         "dm.slack.token: must not be empty",
		"dm: {kind: webhook, webhook: {url: 'https://x.example/'}}": "dm.webhook.secrets: has 0",
		"dm: {kind: pubsub, pubsub: {topic: t}}":                    `dm.pubsub.topic: "t" is not possible`,
		"digest: {after_messages: -1}": "digest.after_messages: -1 is not " +
			"possible",
		"operators: ['Ops <ops@x.example>']": `operators: address "Ops <ops@x.example>" is not a plain`,
		"{email: {kind: none}, operators: [ops@x.example]}": "operators: contradicts email.kind: " +
			"nothing carries mail here",
		"style: {zone: Nowhere}": `style.zone: "Nowhere" is not possible`,
		"email: {kind: smtp, smtp: {host: h, username: a, password: hunter2hunter}}": "email.smtp.password: not a reference",
		"email: {kind: smtp, smtp: {host: h, from: nobody}}":                         `email.smtp.from: "nobody" is not possible`,
	} {
		err := parse(t, text).From(sender).Validate()
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error is %v, want one with %q", text, err, want)
		}
	}
}

// TestMissingSecret: it shows at the start, with the key, and not when the first person should be told.
func TestMissingSecret(t *testing.T) {
	c := parse(t, "email: {kind: smtp, smtp: {host: mail.example.com, username: a, password: 'env:NONE'}}")
	_, err := channels.Open(context.Background(), c, channels.Options{Outbox: t.TempDir(), Sender: sender,
		Secrets: &secret.Loader{LookupEnv: func(string) (string, bool) { return "", false }}})
	if err == nil || !strings.Contains(err.Error(), "email.smtp.password") {
		t.Errorf("error is %v", err)
	}
}
