// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"

	"github.com/aer-project/aer/cmd/flink/load"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv/firestoretest"
	"github.com/aer-project/aer/sinks/sessions/webhook/webhookref"
	"github.com/aer-project/aer/transforms/source/bus"
)

const (
	topic        = "projects/trial/topics/events"
	subscription = "projects/trial/subscriptions/aer"
	// ackDeadline is that of the subscription, in seconds: the source extends it.
	ackDeadline = 10
	// secret signs what is asked of the platform.
	secret = "a secret of a trial on this machine alone"
)

// Live is a run on live traffic, enforcing: a subscription, workers in processes of their own, the ledger in a database
// that they share, and a platform that ends sessions.
type Live struct {
	Rate  int
	Lasts time.Duration
	// Parallelism is that of the job.
	Parallelism int
	// Fault, if set, breaks something in the middle; it says what it did.
	Fault func(ctx context.Context) (what string, err error)
}

// platform ends sessions and remembers when, by user.
type platform struct {
	mu    sync.Mutex
	ended map[string][]time.Time
}

// End implements webhookref.Platform.
func (p *platform) End(_ context.Context, orgID, userID string, _ []string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := orgID + "/" + userID
	p.ended[key] = append(p.ended[key], time.Now())
	return 1, nil
}

func (p *platform) total() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, all := range p.ended {
		n += len(all)
	}
	return n
}

// liveParts is what a live run has around it.
type liveParts struct {
	dir     string
	events  *pstest.Server
	load    *load.Load
	to      *platform
	env     []string // of AER and its workers
	config  string
	closers []func() error
}

func (p *liveParts) close() error {
	var errs []error
	for _, c := range slices.Backward(p.closers) {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

func openLive(ctx context.Context, dir string, l Live) (p *liveParts, err error) {
	p = &liveParts{dir: dir, to: &platform{ended: map[string][]time.Time{}}}
	defer func() {
		if err != nil {
			err = errors.Join(err, p.close())
		}
	}()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return p, err
	}
	p.events = pstest.NewServer()
	p.closers = append(p.closers, p.events.Close)
	if err := bus.Subscribe(ctx, p.events.Addr, topic, subscription, ackDeadline); err != nil {
		return p, err
	}
	p.load = &load.Load{Topic: topic, Endpoint: p.events.Addr, Rate: l.Rate, Lasts: l.Lasts}
	ledger, err := firestoretest.Start()
	if err != nil {
		return p, err
	}
	p.closers = append(p.closers, func() error { ledger.Close(); return nil })
	p.env = []string{"FIRESTORE_EMULATOR_HOST=" + ledger.Addr, "TRIAL_SECRET=" + secret}
	listener, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		return p, err
	}
	h := &webhookref.Handler{Platform: p.to, Secrets: []string{secret}, Now: time.Now}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = srv.Serve(listener) }() // ends with Close
	p.closers = append(p.closers, srv.Close)
	if err := os.WriteFile(p.path("tor.tsv"), []byte(load.Tor), 0o644); err != nil {
		return p, err
	}
	p.config = p.path("aer.yaml")
	return p, os.WriteFile(p.config, fmt.Appendf(nil, `mode: enforce
out: %s
store: firestore:projects/trial
source: {kind: pubsub, subscription: %s, endpoint: %q, time_attribute: time, id_attribute: id}
enrich:
  tor: [{path: %s}]
warehouse: {kind: none}
sessions:
  kind: webhook
  webhook: {url: "http://%s/", secrets: ["env:TRIAL_SECRET"]}
notify:
  email: {kind: none}
  dm: {kind: none}
`, p.path("out"), subscription, p.events.Addr, p.path("tor.tsv"), listener.Addr()), 0o644)
}

func (p *liveParts) path(elem string) string { return filepath.Join(p.dir, elem) }

// patience is how much longer than its traffic a live run may take.
const patience = 3 * time.Minute

// Run runs it and holds it to what the local driver makes of the same events.
func (l Live) Run(ctx context.Context, t Trial, name string) (res Result, err error) {
	p, err := openLive(ctx, filepath.Join(t.Dir, folder(name)), l)
	if err != nil {
		return res, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	ctx, cancel := context.WithTimeout(ctx, l.Lasts+patience)
	defer cancel()
	run, err := t.start(p.env, p.config, l.Parallelism)
	if err != nil {
		return res, err
	}
	defer run.kill()
	res, err = l.during(ctx, t, p, run)
	if err != nil {
		return res, err
	}
	return res, l.compare(ctx, t, p, &res)
}

// during has traffic come, breaks what is to be broken, and drains when all is published.
func (l Live) during(ctx context.Context, t Trial, p *liveParts, run *run) (res Result, err error) {
	if err := p.pulling(ctx, run); err != nil {
		return res, err
	}
	before := t.Cluster.CPU()
	published := make(chan error, 1)
	go func() { published <- p.load.Publish(ctx) }()
	if l.Fault != nil {
		if err := sleep(ctx, l.Lasts/2); err != nil {
			return res, err
		}
		if res.Fault, err = l.Fault(ctx); err != nil {
			return res, err
		}
	}
	select {
	case err := <-published:
		if err != nil {
			return res, err
		}
	case <-run.done:
		return res, fmt.Errorf("the run ended before its traffic: %w", run.ended())
	}
	res.Events, res.Took, res.CPU = len(p.load.Events()), l.Lasts, t.Cluster.CPU()-before
	if err := p.acknowledged(ctx, run); err != nil {
		return res, err
	}
	run.interrupt()
	select {
	case <-run.done:
		return res, run.ended()
	case <-ctx.Done():
		return res, errors.New("the run does not end when it is told to drain")
	}
}

// pulling waits until the run takes messages: until its jar files are where they belong, and its workers have started.
func (p *liveParts) pulling(ctx context.Context, run *run) error {
	first := p.events.Publish(topic, nil, nil) // nothing, which becomes a dead letter
	for p.events.Message(first).Deliveries == 0 {
		select {
		case <-run.done:
			return fmt.Errorf("the run ended before it began: %w", run.ended())
		default:
		}
		if err := sleep(ctx, time.Second); err != nil {
			return fmt.Errorf("nothing is pulled: %w\n%s", err, run.said.Bytes())
		}
	}
	return nil
}

// acknowledged waits until every message is.
func (p *liveParts) acknowledged(ctx context.Context, run *run) error {
	for {
		open := 0
		for _, m := range p.events.Messages() {
			if m.Acks == 0 {
				open++
			}
		}
		if open == 0 {
			return nil
		}
		select {
		case <-run.done:
			return fmt.Errorf("the run ended before all was acknowledged: %w", run.ended())
		default:
		}
		if err := sleep(ctx, time.Second); err != nil {
			return fmt.Errorf("%d messages are not acknowledged: %w\n%s", open, err, run.said.Bytes())
		}
	}
}

// compare holds what was decided and done to what the local driver decides.
func (l Live) compare(ctx context.Context, t Trial, p *liveParts, res *Result) error {
	var lines []byte
	for _, ev := range p.load.Events() {
		line, err := aerv1.MarshalJSONLine(ev)
		if err != nil {
			return err
		}
		lines = append(append(lines, line...), '\n')
	}
	events := p.path("events.ndjson")
	if err := os.WriteFile(events, lines, 0o644); err != nil {
		return err
	}
	if _, err := t.aer(ctx, nil, "replay", "--events", events, "--tor", p.path("tor.tsv"), "--baseline", "none",
		"--out", p.path("want")); err != nil {
		return err
	}
	key := exact
	if l.Fault != nil {
		key = roughly
	}
	want, err := readDecided(p.path("want"), key)
	if err != nil {
		return err
	}
	got, err := readDecided(p.path("out"), key)
	if err != nil {
		return err
	}
	res.Decisions, res.Again, res.Wanted = len(got.all), got.again, got.wanted
	for id, d := range want.all {
		switch g := got.all[id]; {
		case g == "":
			res.Missing++
		case g != d:
			res.Other++
		}
	}
	for id := range got.all {
		if want.all[id] == "" {
			res.Extra++
		}
	}
	res.Done = p.to.total()
	res.Latency = latency(p)
	return nil
}

// latency is how long after the event sessions were ended, in the median.
func latency(p *liveParts) time.Duration {
	var all []time.Duration
	seen := map[string]bool{}
	for _, ev := range p.load.Events() {
		key := ev.OrgId + "/" + ev.UserId
		if ev.Client.Ip != load.Exit || seen[key] || len(p.to.ended[key]) == 0 {
			continue
		}
		seen[key] = true
		all = append(all, p.to.ended[key][0].Sub(ev.Time.AsTime()))
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}
