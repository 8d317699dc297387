// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestPreviewOfEveryKindAndOutcome(t *testing.T) {
	for _, kind := range aerv1.AnomalyTypes {
		for outcome, acting := range told {
			all, err := Preview{Kind: kind, Outcome: outcome.String(), Language: "de"}.Messages()
			if err != nil {
				t.Fatal(err)
			}
			want := 2
			if acting {
				want = 3
			}
			if len(all) != want {
				t.Errorf("%s %s: %d messages, want %d", kind, outcome, len(all), want)
			}
			for _, n := range all {
				if n.GetLanguage() != "de" || n.GetText() == "" || (n.GetRoles()[0] == aerv1.RoleActingUser) &&
					strings.Contains(n.GetText(), "86.5") {
					t.Errorf("%s %s:\n%s", kind, outcome, n.GetText())
				}
			}
		}
	}
}

func TestPreviewErrors(t *testing.T) {
	for want, p := range map[string]Preview{
		`kind "dragons" is unknown`:          {Kind: "dragons"},
		`outcome "MAYBE" is unknown`:         {Kind: "tor", Outcome: "maybe"},
		"nobody is told of a decision STALE": {Kind: "tor", Outcome: "STALE"},
		"the acting user is not told":        {Kind: "tor", Outcome: "cooldown", Role: aerv1.RoleActingUser},
		"link: ":                             {Kind: "tor", Style: notify.Style{Link: "x"}},
		"looking for the anomaly":            {Anomaly: "aaaa", Dir: t.TempDir()},
	} {
		if p.Outcome == "maybe" {
			want = `outcome "maybe" is unknown`
		}
		if _, err := p.Messages(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
}

func TestPreviewIsPrinted(t *testing.T) {
	all, err := Preview{Kind: "tor", Failure: "session store is down"}.Messages()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	Print(term.New(&out), all)
	for _, want := range []string{"To:      U1 ada@acme.example (acting_user)", "ACTION NEEDED", "session store is down"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	path := filepath.Join(t.TempDir(), "m.html")
	if err := WriteHTML(path, all); err == nil {
		t.Error("several messages went into one file")
	}
	if err := WriteHTML(path, all[:1]); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(raw, []byte("<!DOCTYPE html>")) {
		t.Errorf("%s, %v", raw, err)
	}
}

// TestTest sends to what is there, and to what is not.
func TestTest(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := closed.Addr().(*net.TCPAddr).Port
	_ = closed.Close()
	slack := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"ok":false,"error":"invalid_auth"}`))
	}))
	defer slack.Close()
	token, err := sinktest.ParseRef("env:T")
	if err != nil {
		t.Fatal(err)
	}
	mail := config.Default().Notify
	mail.Email.Kind, mail.Email.SMTP.Host, mail.Email.SMTP.Port = channels.KindSMTP, "127.0.0.1", port
	dm := config.Default().Notify
	dm.DM.Kind, dm.DM.Slack.Token, dm.DM.Slack.API = channels.KindSlack, token, slack.URL+"/"
	none := config.Default().Notify
	none.DM.Kind = channels.KindNone
	for _, c := range []struct {
		name             string
		config           channels.Config
		channel, to      string
		delivered        bool
		happened, advice string
	}{
		{"outbox", config.Default().Notify, notify.ChannelEmail, "ada@acme.example", true, "it was written to",
			"outbox is a folder"},
		{"no server", mail, notify.ChannelEmail, "ada@acme.example", false, "refused", "notify.email.smtp.host"},
		{"bad address", mail, notify.ChannelEmail, "ada", false, "not a plain mail address", ""},
		{"bad token", dm, notify.ChannelDM, "U1", false, "invalid_auth", "notify.dm.slack.token"},
		{"bad id", dm, notify.ChannelDM, "ada", false, "not Slack's id", "check the id"},
		{"nothing", none, notify.ChannelDM, "U1", false, "nothing carries", "Set notify.dm.kind"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := Test{Config: c.config, Channel: c.channel, To: c.to, Language: "de", Now: sinktest.T0,
				Options: channels.Options{
					Outbox: t.TempDir(), Sender: "AER <aer@example.com>",
					Secrets: &secret.Loader{LookupEnv: func(string) (string, bool) { return "xoxb-secret", true }}}}.Run(
				context.Background())
			if err != nil {
				t.Fatal(err)
			}
			var text, js bytes.Buffer
			out.Print(&text)
			if err := out.WriteJSON(&js); err != nil {
				t.Fatal(err)
			}
			if out.Delivered != c.delivered || !strings.Contains(text.String(), c.happened) ||
				!strings.Contains(out.Advice, c.advice) ||
				strings.Contains(text.String()+js.String(), "xoxb") {
				t.Errorf("%s%s", text.String(), js.String())
			}
		})
	}
}
