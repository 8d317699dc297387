package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/enrich"
)

func TestDefaultsAreThoseOfThePackages(t *testing.T) {
	c := Default()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	want := enrich.DefaultConfig()
	got := c.Enrich
	if len(got.Tor) == 0 && len(got.Network.Databases) == 0 { // [] and nothing are the same here
		got.Tor, got.Network.Databases = want.Tor, want.Network.Databases
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("enrich: %s", diff)
	}
	if c.Slices.Lateness != activity.DefaultLateness || c.Slices.Shards != activity.DefaultShards ||
		c.Slices.Window.Milliseconds() != activity.DefaultWindowMS {
		t.Errorf("slices: %+v", c.Slices)
	}
	if got, want := fmt.Sprintf("%+v", c.Notify), fmt.Sprintf("%+v", channels.DefaultConfig()); got != want {
		t.Errorf("notify:\n%s\nwant\n%s", got, want)
	}
	if c.Mode != "observe" {
		t.Errorf("mode %s: a run must observe unless told to enforce", c.Mode)
	}
}

// TestErrorsShowNoSecret: whatever is wrong near a secret that was written into the file.
func TestErrorsShowNoSecret(t *testing.T) {
	for _, y := range []string{
		"sessions: {kind: webhook, webhook: {url: https://h/x, secrets: [hunter2]}}",
		"sessions:\n  webhook:\n    secrets: [hunter2]\n    scerets: []\n",
		"sessions:\n  webhook:\n    secrets: hunter2\n",
		"sessions: {slack: {orgs: [{token: hunter2, token: hunter2}]}}",
		"sessions: {webhook: {secrets: [hunter2}\n",
		"sessions: {kind: slack, slack: {orgs: [{org_id: O1, token: hunter2}]}}",
	} {
		if _, err := Parse("aer.yaml", []byte(y)); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error is %v", y, err)
		}
	}
}

func TestParse(t *testing.T) {
	cases := []struct{ name, yaml, wrong string }{
		{"empty", "", ""},
		{"comments", "# mode: nothing\n", ""},
		{"one key", "mode: enforce", ""},
		{"nested", "source: {kind: pubsub, subscription: projects/p/subscriptions/s}", ""},
		{"unknown key", "mode: observe\nwindow: 10s", `unknown field "window"`},
		{"repeated key", "mode: observe\nmode: enforce", "already defined"},
		{"wrong type", "slices: {shards: many}", "1:18"},
		{"wrong mode", "mode: shadow", `mode is "shadow", want observe or enforce`},
		{"no such source", "source: {kind: kafka}", `source.kind is "kafka", want files or pubsub`},
		{"short subscription", "source: {kind: pubsub, subscription: s}", "want projects/P/subscriptions/S"},
		{"no lateness", "slices: {lateness: 0s}", "slices.lateness is 0s"},
		{"fraction of a second", "slices: {window: 1500ms}", "want whole seconds"},
		{"enrich", "enrich: {refresh_every: 1ms}", "enrich.refresh_every"},
		{"mail", "notify: {email: {kind: smtp}}", "notify.email.smtp.host is empty"},
		{"secret in the open", "notify: {dm: {kind: slack, slack: {token: xoxb-1}}}", "notify.dm.slack.token"},
		{"sender", "sender: nobody", `notify.sender is "nobody"`},
		{"webhook without secret", "sessions: {kind: webhook, webhook: {url: https://h/x}}", "sessions.webhook.secrets has 0 entries"},
		{"a text for a list", "enrich: {tor: exits.txt}", "string was used where sequence is expected, in tor"},
		{"a list for a text", "mode: observe\nout: [a]", "in out"},
		{"no such adapter", "sessions: {kind: ldap}", `sessions.kind is "ldap", want embedded, webhook, slack, pubsub or caep`},
		{"audit", "audit: {sinks: [{kind: file}]}", "audit.sinks[0].path is empty"},
		{"format", "source: {format: xml}", `source.format "xml": want auto`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := Parse("aer.yaml", []byte(c.yaml))
			switch {
			case c.wrong == "" && err != nil:
				t.Error(err)
			case c.wrong == "" && got.Out == "":
				t.Error("keys that are left out lose their defaults")
			case c.wrong != "" && err == nil:
				t.Error("was taken")
			case c.wrong != "" && (!strings.Contains(err.Error(), c.wrong) || !strings.Contains(err.Error(), "aer.yaml")):
				t.Errorf("got %v, want aer.yaml and %q", err, c.wrong)
			}
		})
	}
}
