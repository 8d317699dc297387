package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/transforms"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/enrich"
)

func TestDefaultsAreThoseOfThePackages(t *testing.T) {
	c := Default()
	if err := c.Validate(); err != nil {
		t.Error(err)
	}
	want := enrich.DefaultConfig()
	want.StartWithoutLists = true
	got := c.Enrich
	if len(got.Tor) == 0 && len(got.Network.Databases) == 0 { // [] and nothing are the same here
		got.Tor, got.Network.Databases = want.Tor, want.Network.Databases
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("enrich: %s", diff)
	}
	if c.Slices.Lateness != transforms.DefaultLateness || c.Slices.Shards != transforms.DefaultShards ||
		c.Slices.Window.Milliseconds() != activity.DefaultWindowMS {
		t.Errorf("slices: %+v", c.Slices)
	}
	if c.Mode != "observe" {
		t.Errorf("mode %s: a run must observe unless told to enforce", c.Mode)
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
