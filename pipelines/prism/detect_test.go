// SPDX-License-Identifier: Apache-2.0

package prism

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	"github.com/aer-project/aer/pipelines/local"
	"github.com/aer-project/aer/pipelines/scenario"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/source"
)

// said is what an engine hands out.
type said struct {
	Anomalies []*aerv1.Anomaly
	Decisions []*aerv1.Decision
	Letters   []*aerv1.DeadLetter
}

func (s *said) Anomaly(a *aerv1.Anomaly) error       { s.Anomalies = append(s.Anomalies, a); return nil }
func (s *said) Decision(d *aerv1.Decision) error     { s.Decisions = append(s.Decisions, d); return nil }
func (s *said) DeadLetter(l *aerv1.DeadLetter) error { s.Letters = append(s.Letters, l); return nil }

// Both engines say and count the same about people, apps and those who are refused, with whom nothing is shared but the
// name, and about what is no event.
func TestReplaysAgree(t *testing.T) {
	told, err := scenario.Parse("principals",
		[]byte("People, apps, the refused.\n-- events --"+principals), scenario.With{})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path, exits := filepath.Join(dir, "events.ndjson"), filepath.Join(dir, "tor.tsv")
	if err := os.WriteFile(exits, []byte("203.0.113.99\t1772280000\t1772496000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := []byte("garbage\n" +
		`{"id":"x","time":"2026-03-02T07:00:00Z","org_id":"O1","user_id":"bob","action":"a","bytes":"many"}` + "\n")
	for _, ev := range told.Events {
		line, err := aerv1.MarshalJSONLine(ev)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(append(lines, line...), '\n')
	}
	if err := os.WriteFile(path, lines, 0o600); err != nil {
		t.Fatal(err)
	}
	w := newCore(t, exits)
	chosen := func(org string) *aerv1.Settings {
		s := settings.Default(org)
		s.Apps = aerv1.AppsRespond
		return settings.Complete(s)
	}
	w.Decide = decision.Config{Mode: aerv1.ModeReplay, Settings: chosen, EndsApps: true}
	in, err := event.OpenFiles([]string{path}, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	var want, got said
	cfg := local.Config{Enrich: w.Enricher.Enrich, Detectors: w.Detectors}
	wantSum, err := local.Replay(t.Context(), in, cfg, w.Decide, &want, nil)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]int{}
	for _, d := range want.Decisions {
		kinds[d.ActorKind]++
	}
	if kinds[""] == 0 || kinds[aerv1.ActorApp] == 0 || kinds[aerv1.ActorAttempt] == 0 || wantSum.NotAPersons == 0 {
		t.Fatalf("decisions by who acted: %v: the test proves nothing", kinds)
	}
	gotSum, err := Replay(t.Context(), w, source.Config{Files: source.Files{Paths: []string{path}}}, &got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		t.Errorf("what is said differs (-local +beam):\n%s", diff)
	}
	wantSum.Profiles, wantSum.Unreadable.First = 0, event.Example{} // only the pipeline's state and log know
	if diff := cmp.Diff(wantSum, gotSum); diff != "" {
		t.Errorf("counts differ (-local +beam):\n%s", diff)
	}
}

// principals are a person, an app under the person's name, attempts under it and what the platform did, all at once.
const principals = `
history ann 12 days firefox/windows home
history ann 12 days python server nologin app=A1 reads=20
2026-03-02T07:00:00Z ann x50 every 1m user_login_failed curl vps ip=203.0.113.99 actor=attempt outcome=denied session=
08:00 ann login firefox/windows home
08:05 ann x120 every 2s view python vps loot-{n}
08:05 ann x120 every 2s download curl vps app-{n} app=A1 session=
08:06 ann x120 every 2s download curl vps none-{n} actor=system session=
08:06 ann x30 every 3s file_downloaded curl vps gone-{n} ip=203.0.113.99 actor=attempt outcome=denied
08:08 ann user_session_invalidated curl vps actor=record session=
08:20 ann x5 every 5s view curl vps T{n} ip=203.0.113.99
08:20 ann x5 every 5s view curl vps A{n} ip=203.0.113.99 app=A1
`
