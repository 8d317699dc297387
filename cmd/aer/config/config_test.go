// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/source"
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
	if c.Slices.Lateness != activity.DefaultLateness || c.Slices.ShardCount() != activity.DefaultShards ||
		c.Slices.Window.Milliseconds() != activity.DefaultWindowMS {
		t.Errorf("slices: %+v", c.Slices)
	}
	if c.Source.Skew != source.DefaultSkew {
		t.Errorf("source.skew is %v", c.Source.Skew)
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
		{"key without a value", "mode:\nenrich:\n", ""},
		{"nested", "source: {kind: pubsub, subscription: projects/p/subscriptions/s}", ""},
		{"every kind of value", "slices: {window: 20s, shards: 4}\nenrich: {refresh_jitter: 0.5, tor: [{path: " +
			"a}]}\nsource: {workspaces: {T1: E1}}\nwarehouse: {kind: none}", ""},
		{"BigQuery", "warehouse: {kind: bigquery, bigquery: {project: acme-security, dataset: aer}}", ""},
		{"BigQuery without a dataset", "warehouse: {kind: bigquery, bigquery: {project: acme-security}}",
			"aer.yaml:1: warehouse.bigquery.dataset: must not be empty; use letters, digits and _, for example aer"},
		{"half an emulator", "warehouse: {kind: bigquery, bigquery: {project: p-1, dataset: aer, endpoint: 'http://h:1'}}",
			"storage_endpoint: must not be empty; use host:port of the Storage Write API if there is an endpoint, else nothing"},
		{"a database that is not there", "warehouse: {kind: bigqery}",
			`kind: "bigqery" is not possible; use duckdb, bigquery, none; did you mean bigquery?`},
		{"several mistakes", "mode: shadow\nslices: {shards: -1}\n", "aer.yaml:2: slices.shards: -1 is not possible"},
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

func TestShardsFollowFromTheExpectedUsers(t *testing.T) {
	for _, c := range []struct {
		slices Slices
		want   int
	}{
		{Slices{ExpectedUsers: 1}, 16}, {Slices{ExpectedUsers: 160_000}, 16}, {Slices{ExpectedUsers: 160_001}, 17},
		{Slices{ExpectedUsers: 47_000_000}, 4700}, {Slices{ExpectedUsers: 47_000_000, Shards: 64}, 64},
	} {
		if got := c.slices.ShardCount(); got != c.want {
			t.Errorf("%+v: %d shards, want %d", c.slices, got, c.want)
		}
	}
}
