// SPDX-License-Identifier: Apache-2.0

// Package latency measures the time from an event to the end of the sessions behind it: aer run on an embedded Pub/Sub
// server, with events on a timetable that waits for nobody, and a platform that notes when it is told.
package latency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
)

// Options say what to measure.
type Options struct {
	// AER is the program, Dir a folder of its own for configuration, results and log.
	AER, Dir string
	// Rate is how many ordinary events come in a second, For how long attacks do, AttackEvery the time between two of
	// them in each lane.
	Rate        int
	For         time.Duration
	AttackEvery time.Duration
	// Window is the length of a slice, Skew source.PubSub.Skew.
	Window, Skew time.Duration
	Say          func(format string, args ...any)
}

// The course of a measurement.
const (
	// warmUp is how long events come before the first attack: a new process starts, and the first windows close.
	warmUp = 20 * time.Second
	// patience is how long answers are waited for after the last event, which go on coming: event time passes by them.
	patience = 30 * time.Second
)

// Result is what was measured.
type Result struct {
	Rate  int    `json:"events_per_second"`
	Lanes []Lane `json:"lanes"`
	// Cores is the processor time of aer run by that of the clock.
	Cores float64 `json:"cores"`
	// GeneratorLate is by how much the generator was behind its timetable at the end.
	GeneratorLate time.Duration `json:"generator_late_ns"`
}

// Lane is what was measured of one lane.
type Lane struct {
	Name string `json:"name"`
	// Attacks were published, Took is how long the answers took, sorted; the rest was not answered.
	Attacks int             `json:"attacks"`
	Took    []time.Duration `json:"took_ns"`
}

// Measure runs aer and attacks it.
func Measure(ctx context.Context, o Options) (r Result, err error) {
	b, err := newBus(ctx)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, b.server.Close()) }()
	p := newPlatform()
	defer p.server.Close()
	began := time.Now()
	run, err := o.start(ctx, b, p, began)
	if err != nil {
		return r, err
	}
	begins := began.Add(warmUp)
	ends := begins.Add(o.For)
	var attacks []attack
	l := &load{bus: b, rate: o.Rate, attackEvery: o.AttackEvery, begins: begins, random: rand.New(rand.NewPCG(1, 1))}
	l.told = func(a attack) {
		if a.at.Before(ends) {
			attacks = append(attacks, a)
		}
	}
	o.Say("%d events a second; attacks from %s to %s", o.Rate, begins.Format(time.TimeOnly), ends.Format(time.TimeOnly))
	r.Rate, r.GeneratorLate = o.Rate, l.run(ctx, began, ends.Add(patience))
	took := time.Since(began)
	if err := run.stop(); err != nil {
		return r, err
	}
	state := run.cmd.ProcessState
	r.Cores = (state.UserTime() + state.SystemTime()).Seconds() / took.Seconds()
	r.Lanes = lanes(attacks, p)
	return r, ctx.Err()
}

// running is an aer run.
type running struct {
	cmd *exec.Cmd
	log string
}

// start starts aer run on the bus, enforcing on the platform.
func (o Options) start(ctx context.Context, b bus, p *platform, now time.Time) (run running, err error) {
	in := func(name string) string { return filepath.Join(o.Dir, name) }
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return run, err
	}
	var known bytes.Buffer
	if err := baseline.Write(&known, manyPeople(now)); err != nil {
		return run, err
	}
	for name, text := range map[string]string{
		"baseline.pb.zst": known.String(),
		"tor.tsv":         fmt.Sprintf("%s\t%d\t%d\n", torExit, now.Add(-time.Hour).Unix(), now.Add(24*time.Hour).Unix()),
		"aer.yaml": fmt.Sprintf(`mode: enforce
source: {kind: pubsub, subscription: %s, endpoint: %q, time_attribute: %s, skew: %s}
slices: {window: %s}
out: %s
baseline: %s
enrich: {tor: [{path: %s}]}
sessions: {kind: webhook, webhook: {url: %q, secrets: ["env:BENCH_SECRET"]}}
`, subscription, b.server.Addr, timeAttribute, o.Skew, o.Window, in("out"), in("baseline.pb.zst"), in("tor.tsv"),
			p.server.URL),
	} {
		if err := os.WriteFile(in(name), []byte(text), 0o600); err != nil {
			return run, err
		}
	}
	run = running{exec.CommandContext(ctx, o.AER, "run", "--config", in("aer.yaml")), in("log.txt")}
	log, err := os.Create(run.log)
	if err != nil {
		return run, err
	}
	defer log.Close()
	run.cmd.Env, run.cmd.Stdout, run.cmd.Stderr = append(os.Environ(), "BENCH_SECRET="+secret), log, log
	return run, run.cmd.Start()
}

// stop drains the run.
func (r running) stop() error {
	if err := r.cmd.Process.Signal(syscall.SIGINT); err != nil {
		return err
	}
	if err := r.cmd.Wait(); err != nil {
		said, _ := os.ReadFile(r.log)
		return fmt.Errorf("aer run ended with %w:\n%s", err, said)
	}
	return nil
}

// manyPeople is a baseline that knows so many people altogether that the budget of all organisations lets every attack
// through, and what they read, without which new accounts of new organisations would only be logged.
func manyPeople(now time.Time) *aerv1.Baseline {
	return &aerv1.Baseline{
		Version: "bench", ValidFrom: aerv1.Time(now.Add(-24 * time.Hour)),
		Orgs: []*aerv1.BaselineOrg{
			{OrgId: baseline.Everyone, Metric: "events", Horizon: "24h", Users: 50_000_000},
			{OrgId: baseline.Everyone, Metric: "reads", Horizon: "5m", Users: 50_000_000, UserDays: 500_000_000, P50: 2, P90: 9},
		},
	}
}

// lanes sorts what the platform noted by lane.
func lanes(attacks []attack, p *platform) []Lane {
	all := []Lane{{Name: fast}, {Name: slice}}
	for _, a := range attacks {
		l := &all[0]
		if a.lane == slice {
			l = &all[1]
		}
		l.Attacks++
		if at, ended := p.when(a.user); ended {
			l.Took = append(l.Took, at.Sub(a.at))
		}
	}
	return all
}
