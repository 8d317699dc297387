// SPDX-License-Identifier: Apache-2.0

package measure

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/goccy/go-yaml"

	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/cmd/aer/simulate"
	"github.com/aer-project/aer/cmd/aer/simulate/perturb"
	base "github.com/aer-project/aer/pipelines/baseline"
	"github.com/aer-project/aer/pipelines/replay"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
	"github.com/aer-project/aer/transforms/baseline"
)

// recipe is what the labelled set follows from.
type recipe struct {
	Seed   uint64
	Orgs   int
	Scale  float64
	Each   int
	SHA256 string

	Disorder                time.Duration
	Duplicates, Drop, Strip float64
	Damaged, Rubbish, Late  float64
}

// set is a set of events in a folder, and what it is judged by.
type set struct {
	dir     string
	judge   *setup.Parts
	options replay.Options
	source  baseline.Source
	// found is what a replay found already, or nil.
	found *said
}

// labelledSet is the set of the recipe, with what a replay found in it.
type labelledSet struct {
	recipe
	set
	world  *simulate.Result
	result replay.Result
}

var theSet = sync.OnceValues(func() (*labelledSet, error) {
	dir, err := os.MkdirTemp("", "aer-labelled-*")
	if err != nil {
		return nil, err
	}
	setDir = dir
	s := &labelledSet{set: set{dir: dir}}
	if err := s.make(); err != nil {
		return s, err
	}
	if s.judge, s.options, err = open(context.Background(), dir); err != nil {
		return s, err
	}
	s.options.SaveBaseline = filepath.Join(dir, "baselines")
	if s.result, err = replay.Run(context.Background(), s.options); err != nil {
		return s, err
	}
	versions, err := base.ReadFile(s.options.SaveBaseline)
	s.source, s.found = baseline.NewVersions(versions), &said{}
	out := filepath.Join(dir, Results)
	return s, errors.Join(err,
		explain.Read(out, explain.AnomaliesFile, func(a *aerv1.Anomaly) { _ = s.found.Anomaly(a) }),
		explain.Read(out, explain.DecisionsFile, func(d *aerv1.Decision) { _ = s.found.Decision(d) }),
		explain.Read(out, "dead_letters.ndjson", func(d *aerv1.DeadLetter) { _ = s.found.DeadLetter(d) }))
})

func labelled(t testing.TB) *labelledSet {
	t.Helper()
	if testing.Short() {
		t.Skip("makes and replays five weeks of eight organisations")
	}
	s, err := theSet()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// setDir is where the set is, once it is made.
var setDir string

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	debug.SetGCPercent(300) // events are many and soon forgotten: a sixth of the work was collecting them
	code := m.Run()
	_ = os.RemoveAll(setDir) // "" is nothing
	os.Exit(code)
}

// make simulates, damages, and delivers in disorder.
func (s *labelledSet) make() error {
	raw, err := os.ReadFile("../../../testdata/labelled/seed.yaml")
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalWithOptions(raw, &s.recipe, yaml.Strict()); err != nil {
		return err
	}
	if s.world, err = simulate.Quality(simulate.QualityConfig{Seed: s.Seed, Orgs: s.Orgs, Scale: s.Scale,
		Each: s.Each}); err != nil {
		return err
	}
	if err := s.world.Write(s.dir); err != nil {
		return err
	}
	sent := filepath.Join(s.dir, "sent.ndjson")
	var b bytes.Buffer
	if err := s.send(&b); err != nil {
		return err
	}
	if err := os.WriteFile(sent, b.Bytes(), 0o600); err != nil {
		return err
	}
	_, err = perturb.Files(perturb.Config{
		Seed: s.Seed, Disorder: s.Disorder, Duplicates: s.Duplicates, Drop: s.Drop, Strip: s.Strip,
	}, []string{sent}, s.dir, nil)
	return err
}

// veryLate is how late the latest come: several times as long as what the plain-Go driver reads at once.
const veryLate = 4 * 24 * time.Hour

// rubbish are lines that are no events, the first of them half of one.
var rubbish = []string{"", "{", `{"id":"x"}`, "\xff\xfe", `"text"`}

// damage makes a field unreadable, the n-th of its kinds.
func damage(line []byte, n uint64) []byte {
	kinds := [][2]string{{`"outcome":"`, `"outcome":7,"was":"`}, {`"cookie_time":"`, `"cookie_time":"about `},
		{`"ip":"`, `"ip":"somewhere `}}
	k := kinds[n%uint64(len(kinds))]
	return bytes.Replace(line, []byte(k[0]), []byte(k[1]), 1)
}

// send writes the events as their source does: damaged, with rubbish in between, some very late.
func (s *labelledSet) send(w *bytes.Buffer) error {
	type waiting struct {
		line []byte
		due  time.Time
	}
	var late []waiting
	i := 0
	return ndjson.Each(filepath.Join(s.dir, simulate.EventsFile), func(line []byte) error {
		at := s.world.Events[i].GetTime().AsTime()
		for ; len(late) > 0 && late[0].due.Before(at); late = late[1:] {
			w.Write(late[0].line)
		}
		h := fnv.New64a()
		h.Write([]byte(s.world.Events[i].GetId()))
		i++
		lot, n := float64(h.Sum64()>>32)/(1<<32), h.Sum64()
		share := func(of float64) (hit bool) {
			hit = lot >= 0 && lot < of
			lot -= of
			return hit
		}
		line = append(bytes.Clone(line), '\n')
		switch {
		case share(s.Damaged):
			line = damage(line, n)
		case share(s.Rubbish):
			text := cmp.Or(rubbish[n%uint64(len(rubbish))], string(line[:len(line)/2]))
			line = append(line, text+"\n"...)
		case share(s.Late):
			late = append(late, waiting{line, at.Add(veryLate)})
			return nil
		}
		_, err := w.Write(line)
		return err
	})
}

// TestTheSetIsTheSameInEveryClone: byte by byte, and it holds what it is meant to hold.
func TestTheSetIsTheSameInEveryClone(t *testing.T) {
	s := labelled(t)
	h := sha256.New()
	for _, name := range []string{simulate.EventsFile, simulate.TruthFile, simulate.TorFile, simulate.SettingsFile,
		simulate.DirectoryFile} {
		f, err := ndjson.Open(filepath.Join(s.dir, name))
		if err == nil {
			_, err = io.Copy(h, f)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	// Elsewhere compilers fuse multiplication and addition, which rounds otherwise.
	if got := hex.EncodeToString(h.Sum(nil)); got != s.SHA256 && runtime.GOARCH == "amd64" {
		t.Errorf("the set has another content: sha256 %s, want %s of seed.yaml", got, s.SHA256)
	}
	r := s.result
	t.Logf("%d events of %d people, %d anomalies, %d dead letters, %d late; unreadable: %s",
		r.Events, r.Profiles, r.Anomalies, r.DeadLetters, r.Late, strings.Split(r.Unreadable.String(), ";")[0])
	for _, name := range aerv1.AnomalyTypes {
		if raw, err := os.ReadFile(filepath.Join(s.dir, Results, "anomalies.ndjson")); err != nil ||
			!strings.Contains(string(raw), `"type":"`+name+`"`) {
			t.Errorf("no %s is found in the set, %v", name, err)
		}
	}
	if r.Events < 100_000 || r.DeadLetters < 30 || r.Late < 30 || len(r.Unreadable.Map()) < 3 || r.NotAPersons == 0 {
		t.Errorf("%+v: the set lacks something", r)
	}
}
