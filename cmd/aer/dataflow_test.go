// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/cmd/aer/config"
)

// The template offers flags of aer run, with texts and patterns, and the file in the repository is current.
func TestFlexTemplate(t *testing.T) {
	var out bytes.Buffer
	a := &app{streams: streams{strings.NewReader(""), &out, t.Output()}}
	run := a.runCommand()
	if err := a.printTemplate(run); err != nil {
		t.Fatal(err)
	}
	var got template
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	examples := map[string]string{"config": "gs://acme-aer/aer.yaml", "enforce": "true", "events-per-day": "20e6",
		"update-from": "0.1", "worker_machine_type": "n2-standard-4", "max_num_workers": "10", "no_use_public_ips": "true"}
	var needed []string
	for _, p := range got.Parameters {
		if run.Flags().Lookup(p.Name) == nil {
			t.Errorf("%s is no flag of aer run", p.Name)
		}
		if p.Label == "" || p.HelpText == "" {
			t.Errorf("%s has no words for people", p.Name)
		}
		if !p.IsOptional {
			needed = append(needed, p.Name)
		}
		for _, r := range p.Regexes {
			if re, err := regexp.Compile(r); err != nil || !re.MatchString(examples[p.Name]) || re.MatchString("a b") {
				t.Errorf("%s: %s does not tell %q: %v", p.Name, r, examples[p.Name], err)
			}
		}
		if err := run.Flags().Set(p.Name, examples[p.Name]); err != nil {
			t.Errorf("%s: what the pattern allows is no value of the flag: %v", p.Name, err)
		}
	}
	if !slices.Equal(needed, []string{"config"}) {
		t.Errorf("needed are %v, want config alone: a job without one reads standard input", needed)
	}
	file, err := os.ReadFile("deploy/dataflow/metadata.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file), out.String()); diff != "" {
		t.Errorf("deploy/dataflow/metadata.json is not current: go generate ./cmd/aer\n%s", diff)
	}
}

func TestWhatALauncherStarts(t *testing.T) {
	launcher := func(name string) string { return map[string]string{"FLEX_TEMPLATE_GO_BINARY": "/template/aer"}[name] }
	person := func(string) string { return "" }
	for _, c := range []struct {
		env  func(string) string
		args string
		want string
	}{
		{person, "--version", "--version"},
		{person, "run --config a", "run --config a"},
		{launcher, "--config=gs://b/a --project=p", "run --runner dataflow --config=gs://b/a --project=p"},
		{launcher, "--runner=DataflowRunner --config=gs://b/a", "run --runner=DataflowRunner --config=gs://b/a"},
		{launcher, "version", "version"},
		{launcher, "", ""},
	} {
		if got := strings.Join(launched(strings.Fields(c.args), c.env), " "); got != c.want {
			t.Errorf("%s is %q, want %q", c.args, got, c.want)
		}
	}
}

func TestWhatWorkersOfDataflowCannotShare(t *testing.T) {
	const needed = "source: {kind: pubsub, subscription: projects/p/subscriptions/s}\nstore: firestore:projects/p\n" +
		"warehouse: {ndjson: false, kind: none}\n"
	for _, c := range []struct {
		more, wrong string
		ownImage    bool
	}{
		{"", "", false},
		{"settings: gs://b/settings.yaml", "", false},
		{"settings: settings.yaml", `settings: "settings.yaml" is not possible; use gs://BUCKET/OBJECT`, false},
		{"settings: /etc/aer/settings.yaml", "", true},
		{"enrich: {tor: [{path: gs://b/a}, {path: tor.txt}]}", "enrich.tor[1].path", false},
		{"audit: {sinks: [{kind: file, path: a}]}", "audit.sinks[0].kind", false},
		{"mode: enforce", "notify.email.kind: \"outbox\" is not possible", false},
		{"mode: enforce", "sessions.kind: \"embedded\" is not possible", true},
	} {
		conf, err := config.Parse("aer.yaml", []byte(needed+c.more))
		if err != nil {
			t.Fatal(err)
		}
		err = onWorkers(conf, c.ownImage)
		if c.wrong == "" && err != nil || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: %v, want %q", c.more, err, c.wrong)
		}
	}
}
