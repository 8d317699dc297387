// SPDX-License-Identifier: Apache-2.0

package follow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/settings/follow"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
)

var t0 = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func modes(org, mode string) *aerv1.Settings {
	s := settings.Default(org)
	s.Detectors[aerv1.TypeTor].Mode = mode
	s.Version = settings.Version(s)
	return s
}

func put(t *testing.T, s kv.Store, one *aerv1.Settings) {
	t.Helper()
	now, err := stored.New(s).Get(context.Background(), aerv1.OrgID(one.GetOrgId()))
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		t.Fatal(err)
	}
	if err := stored.New(s).Put(context.Background(), one, now.GetVersion()); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, s kv.Store, log *slog.Logger) *follow.Follower {
	t.Helper()
	f, err := follow.Open(context.Background(), s, log, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestChangeReachesDecisions: a stream that runs decides by what was changed through another handle of the file,
// without a restart and within a minute.
func TestChangeReachesDecisions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "settings.db")
	other, err := kv.OpenShared(path, kv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	put(t, other, modes("O1", aerv1.DetectorRespond))
	mine, err := kv.OpenShared(path, kv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) { // its clock stands for the minute
		f := open(t, mine, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); f.Run(ctx, follow.DefaultEvery) }()
		stream := decision.NewStream(decision.Config{Mode: aerv1.ModeReplay, Settings: f.SettingsOf, Person: f.Person})
		decide := func(user string) *aerv1.Decision {
			decided := stream.Add(&aerv1.Anomaly{
				Id: user, OrgId: "O1", UserId: user, Type: aerv1.TypeTor, SessionIds: []string{"S"}, KnownAt: aerv1.Time(t0),
				Time: aerv1.Time(t0),
			})
			return decided[0].Decision
		}
		before := decide("U1")
		changed := modes("O1", aerv1.DetectorOff)
		put(t, other, changed)
		if err := sinktest.PutPeople(ctx, other,
			&aerv1.Directory{OrgId: "O1", People: []*aerv1.Person{{UserId: "U3", Type: aerv1.UserExternal}}}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		after, external := decide("U2"), decide("U3")
		if before.GetOutcome() != aerv1.Decision_RESPOND || after.GetOutcome() != aerv1.Decision_OFF ||
			after.GetSettingsVersion() != changed.GetVersion() {
			t.Errorf("before: %v, after: %v", before, after)
		}
		if external.GetOutcome() != aerv1.Decision_EXTERNAL_USER || f.Members("O1") != 1 || f.Members("") != 1 {
			t.Errorf("the directory did not follow: %v", external)
		}
		cancel()
		<-ended
	})
}

// flaky is a store that can be down.
type flaky struct {
	kv.Store
	down error
}

func (f *flaky) View(ctx context.Context, do func(kv.Tx) error) error {
	if f.down != nil {
		return f.down
	}
	return f.Store.View(ctx, do)
}

// TestLastGoodIsKept while the store is down; each change of state is logged once.
func TestLastGoodIsKept(t *testing.T) {
	s := &flaky{Store: sinktest.NewMemory()}
	put(t, s.Store, modes("O1", aerv1.DetectorOff))
	var log bytes.Buffer
	now := t0
	f, err := follow.Open(context.Background(), s, slog.New(slog.NewTextHandler(&log, nil)),
		func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	s.down = errors.New("boom")
	for range 3 {
		now = now.Add(time.Minute)
		if err := f.Refresh(context.Background()); err == nil {
			t.Error("a store that is down was refreshed")
		}
	}
	if !f.Stale() || f.Age() != 3*time.Minute ||
		f.SettingsOf("O1").GetDetectors()[aerv1.TypeTor].GetMode() != aerv1.DetectorOff {
		t.Errorf("stale %v, age %v", f.Stale(), f.Age())
	}
	if one, err := f.Settings().Get(context.Background(), "O1"); err != nil || one.GetOrgId() != "O1" {
		t.Errorf("responses have no settings: %v", err)
	}
	s.down = nil
	put(t, s.Store, modes("O1", aerv1.DetectorLog))
	for range 2 {
		if err := f.Refresh(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if f.Stale() || f.Age() != 0 || f.SettingsOf("O1").GetDetectors()[aerv1.TypeTor].GetMode() != aerv1.DetectorLog {
		t.Error("it did not recover")
	}
	for _, line := range []string{"is down", "is back", "settings changed"} {
		if n := strings.Count(log.String(), line); n != 1 {
			t.Errorf("%q was logged %d times:\n%s", line, n, log.String())
		}
	}
	if _, err := follow.Open(context.Background(), kv.Failing{Err: errors.New("boom")}, slog.Default(),
		time.Now); err == nil {
		t.Error("opened on a store that is down")
	}
}

// TestGapReadsEverything: whoever slept through more changes than are kept still sees the last.
func TestGapReadsEverything(t *testing.T) {
	s := sinktest.NewMemory()
	f := open(t, s, slog.New(slog.DiscardHandler))
	for i := range 5000 {
		if err := sinktest.PutPeople(context.Background(), s,
			&aerv1.Directory{OrgId: fmt.Sprint("O", i%3), Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	put(t, s, modes("O1", aerv1.DetectorOff))
	if err := f.Refresh(context.Background()); err != nil {
		t.Fatal(err)
	}
	if d, err := f.Directory().Get(context.Background(), "O1"); err != nil || d.GetName() != "4999" {
		t.Errorf("%v, %v", d, err)
	}
	if f.SettingsOf("O1").GetDetectors()[aerv1.TypeTor].GetMode() != aerv1.DetectorOff {
		t.Error("settings did not follow")
	}
}

// TestConcurrent is for the race detector: many read while one writes and another refreshes.
func TestConcurrent(t *testing.T) {
	s := sinktest.NewMemory()
	f := open(t, s, slog.New(slog.DiscardHandler))
	var wg sync.WaitGroup
	for r := range 4 {
		wg.Go(func() {
			for i := range 200 {
				org := fmt.Sprint("O", i%5)
				if got := f.SettingsOf(org); got.GetOrgId() != org || len(got.GetVersion()) != 12 {
					t.Errorf("settings of %s are %v", org, got)
				}
				f.Person(aerv1.OrgID(org), "U")
				f.Members("")
				if r == 0 {
					_ = f.Refresh(context.Background())
				}
			}
		})
	}
	for i := range 200 {
		put(t, s, modes(fmt.Sprint("O", i%5), []string{aerv1.DetectorOff, aerv1.DetectorLog}[i%2]))
	}
	wg.Wait()
}

// TestFiles: what is valid is taken over, what is not changes nothing and is told once.
func TestFiles(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "settings.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := sinktest.NewMemory()
	files := &follow.Files{Settings: path, To: s, Log: slog.New(slog.DiscardHandler), Now: func() time.Time { return t0 }}
	if err := files.Import(ctx); err == nil {
		t.Error("a file that is not there was imported")
	}
	for _, step := range []struct{ text, wrong, mode string }{
		{"orgs: {O1: {detectors: {tor: off}}}", "", "off"},
		{"orgs: {O1: {detectors: {torr: log}}}", "settings.yaml:1: orgs.O1.detectors.torr: unknown detector", "off"},
		{"orgs: {O1: {detectors: {tor: log}}}", "", "log"},
	} {
		write(step.text)
		err := files.Import(ctx)
		if (err == nil) != (step.wrong == "") || err != nil && !strings.Contains(err.Error(), step.wrong) {
			t.Errorf("%s: %v", step.text, err)
		}
		got, err := stored.New(s).Get(ctx, "O1")
		if err != nil || got.GetDetectors()[aerv1.TypeTor].GetMode() != step.mode ||
			got.GetChangedBy() != "file settings.yaml" || !got.GetChangedAt().AsTime().Equal(t0) {
			t.Errorf("%s: %v, %v", step.text, got, err)
		}
	}
}

// TestFilesOfPeople: a mistake about one person is told and costs nobody else their place.
func TestFilesOfPeople(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "people.yaml")
	text := "orgs:\n  O1:\n    people:\n      U1: {email: kim@acme.example}\n      U2: {email: nobody}\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s, log := sinktest.NewMemory(), make(told, 10)
	files := &follow.Files{Directory: path, To: s, Log: slog.New(log), Now: func() time.Time { return t0 }}
	if err := files.Import(ctx); err != nil {
		t.Fatal(err)
	}
	if m := <-log; m != "the directory has mistakes" {
		t.Errorf("log says %q", m)
	}
	if d, err := directory.New(s).Get(ctx, "O1"); err != nil || len(d.GetPeople()) != 2 {
		t.Errorf("directory %v, %v", d, err)
	}
}

func TestFixed(t *testing.T) {
	f := follow.Fixed([]*aerv1.Settings{modes("O1", aerv1.DetectorOff)},
		[]*aerv1.Directory{{OrgId: "O1", People: []*aerv1.Person{{UserId: "U1"}}}})
	if f.SettingsOf("O1").GetDetectors()[aerv1.TypeTor].GetMode() != aerv1.DetectorOff ||
		f.SettingsOf("O2").GetVersion() != settings.Default("O2").GetVersion() {
		t.Error("settings")
	}
	if f.Person("O1", "U1") == nil || f.Person("O2", "U1") != nil || f.Members("O1") != 1 || f.Members("O2") != 0 {
		t.Error("people")
	}
}

// told is a log handler that passes messages on.
type told chan string

func (c told) Enabled(context.Context, slog.Level) bool { return true }
func (c told) Handle(_ context.Context, r slog.Record) error {
	c <- r.Message
	return nil
}
func (c told) WithAttrs([]slog.Attr) slog.Handler { return c }
func (c told) WithGroup(string) slog.Handler      { return c }

func TestFirestoreCalls(t *testing.T) { calls(t, sinktest.OpenFirestore) }

func TestIntegrationFirestore(t *testing.T) { sinktest.OnFirestoreEmulator(t, calls) }

// calls: on a store that can call back, a change through another client is there long before the next look.
func calls(t *testing.T, opened sinktest.Open[kv.Store]) {
	s, reopen := opened(t)
	other := reopen()
	log := make(told, 10)
	f := open(t, s, slog.New(log))
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { defer close(ended); f.Run(ctx, time.Hour) }()
	for _, mode := range []string{aerv1.DetectorOff, aerv1.DetectorLog} {
		put(t, other, modes("O1", mode))
		select {
		case m := <-log:
			if m != "settings changed" {
				t.Errorf("log says %q", m)
			}
		case <-time.After(30 * time.Second): // bounds a failing test
			t.Fatalf("nobody told of mode %s", mode)
		}
	}
	cancel()
	<-ended
	if got := f.SettingsOf("O1").GetDetectors()[aerv1.TypeTor].GetMode(); got != aerv1.DetectorLog {
		t.Errorf("mode is %s", got)
	}
}
