// SPDX-License-Identifier: Apache-2.0

//go:build cgo

package bigquery

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
)

// world is some days of several organisations, with all that SQL has to be careful about: ties, what is unknown,
// people of the same name in two organisations, slices that come twice, sketches, apps, and findings of every kind.
type world struct {
	rng   *rand.Rand
	first time.Time
	days  int
	rows  map[warehouse.Table][]proto.Message
}

func newWorld(seed uint64) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, seed)), first: time.Date(2024, 2, 20, 0, 0, 0, 0, time.UTC), days: 12,
		rows: map[warehouse.Table][]proto.Message{}}
	for org := range 6 { // '*' of fingerprints needs five that know one
		for user := range 2 {
			for day := range w.days {
				if w.rng.IntN(3) > 0 {
					w.day(fmt.Sprint("O", org), fmt.Sprint("U", user), w.first.AddDate(0, 0, day))
				}
			}
		}
	}
	w.find()
	return w
}

// pick is one of several.
func pick[T any](w *world, of ...T) T { return of[w.rng.IntN(len(of))] }

// day is a few slices of a person; some come twice.
func (w *world) day(org, user string, day time.Time) {
	for range 1 + w.rng.IntN(2) {
		at := day.Add(time.Duration(w.rng.IntN(6*60*4)) * 10 * time.Second) // few hours, so that buckets are shared
		s := &aerv1.Slice{OrgId: org, UserId: user, UserType: pick(w, "member", "guest", ""), WindowStartMs: at.UnixMilli(),
			WindowMs: 10_000, Events: 1 + w.rng.Uint32N(5), DownloadBytes: pick(w, uint64(0), 100, 100, 1<<40),
			Bytes: w.rng.Uint64N(1000), ActorKind: pick(w, "", "", "", "signed_in", "app", "attempt"),
			Downloads: w.objects(), Reads: w.objects()}
		for i := range w.rng.IntN(3) {
			s.Methods = append(s.Methods, &aerv1.MethodCount{Class: pick(w, "browser", "library", ""),
				Method: pick(w, "", "a.get", "b.list") + fmt.Sprint(i), Calls: 1 + w.rng.Uint32N(4), Errors: w.rng.Uint32N(2),
				RateLimited: w.rng.Uint32N(2)})
		}
		for range w.rng.IntN(3) {
			f := &aerv1.Facet{SessionId: pick(w, "", "S1", "S2"), Events: 1 + w.rng.Uint32N(3)}
			if w.rng.IntN(5) > 0 {
				family := pick(w, "chrome", "chrome", "curl", "")
				f.Client = &aerv1.FacetClient{Family: family, Ja4: pick(w, "t13d-"+family, "t13d-"+family, "t13x", ""),
					Class: map[string]string{"chrome": "browser", "curl": "library"}[family], Asn: pick(w, uint32(0), 64500, 64501)}
			}
			s.Facets = append(s.Facets, f)
		}
		for range 1 + w.rng.IntN(2) {
			w.rows[warehouse.Activity] = append(w.rows[warehouse.Activity], s)
		}
	}
}

// objects is a set of objects, hashes beyond 2^63 among them; nil, empty, exact or a sketch.
func (w *world) objects() *aerv1.ObjectSet {
	if w.rng.IntN(4) == 0 {
		return nil
	}
	var hashes []uint64
	for range w.rng.IntN(5) {
		hashes = append(hashes, (1+w.rng.Uint64N(12))<<60|7)
	}
	slices.Sort(hashes)
	hashes = slices.Compact(hashes)
	return &aerv1.ObjectSet{Hashes: hashes, Sketched: len(hashes) > 2 && w.rng.IntN(3) == 0}
}

// find makes an anomaly every other day of somebody, what was decided and done about it, and what people said.
func (w *world) find() {
	outcomes := []aerv1.Decision_Outcome{aerv1.Decision_RESPOND, aerv1.Decision_LOG_ONLY, aerv1.Decision_PERSISTING,
		aerv1.Decision_BUDGET_EXHAUSTED, aerv1.Decision_COMMON_CAUSE, aerv1.Decision_ALREADY_ENDED}
	for i := range 40 {
		org, user, id := fmt.Sprint("O", w.rng.IntN(6)), fmt.Sprint("U", w.rng.IntN(2)), fmt.Sprintf("a-%02d", i)
		at := w.first.Add(time.Duration(w.rng.IntN(w.days*24*60)) * time.Minute)
		a := &aerv1.Anomaly{Id: id, OrgId: org, UserId: user, Type: pick(w, aerv1.TypeTor, "unexpected_scraping"),
			Time: aerv1.Time(at), KnownAt: aerv1.Time(at.Add(time.Minute)), Severity: "high", Summary: "Found " + id, Count: 1,
			Magnitude: 1 + w.rng.Float64(), ActorKind: pick(w, "", "", "app"), Hint: w.rng.IntN(8) == 0,
			SessionIds: []string{"S1"}, Evidence: &aerv1.Evidence{Signal: "reads_1h", Observed: float64(10 + w.rng.IntN(10)),
				Threshold: pick(w, 0.0, 10, 10, 15), Client: &aerv1.Client{Ip: "192.0.2.1", UserAgent: "x \"y\" \n"}},
			NewThings: []*aerv1.NewThing{{Kind: "asn", Key: pick(w, "64500", "64501")}}}
		if w.rng.IntN(2) == 0 {
			a.Window = &aerv1.Window{Start: aerv1.Time(at.Add(-30 * time.Hour)), End: aerv1.Time(at)}
		}
		d := &aerv1.Decision{Id: "d-" + id, AnomalyId: id, AnomalyType: a.Type, OrgId: org, UserId: user, Time: a.Time,
			Outcome: outcomes[i%len(outcomes)], Mode: "enforce", Reason: "Because.", Escalate: i%7 == 0}
		w.add(warehouse.Anomalies, a, a)
		if i%9 > 0 {
			w.add(warehouse.Decisions, d)
		}
		if d.Outcome == aerv1.Decision_RESPOND || i%11 == 0 {
			w.add(warehouse.Responses, &aerv1.Response{Id: d.Id, DecisionId: d.Id, AnomalyId: id, OrgId: org, UserId: user},
				&aerv1.Response{Id: d.Id, DecisionId: d.Id, AnomalyId: id, OrgId: org, UserId: user,
					Steps:         []*aerv1.Step{{Kind: "revoke", State: pick(w, "done", "done", "failed")}, {Kind: "audit", State: "done"}},
					SessionsReset: w.rng.Uint32N(3), DoneAt: aerv1.Time(at.Add(time.Hour)), AppId: pick(w, "", "", "app-1")})
			w.add(warehouse.Notifications, &aerv1.Notification{Id: "n-" + id, OrgId: org, UserId: user, Channel: "email",
				Subject: "You were signed out", Time: aerv1.Time(at.Add(time.Hour))})
		}
		for n := range w.rng.IntN(3) {
			w.add(warehouse.Feedback, &aerv1.Feedback{Id: fmt.Sprint(id, "-", n), AnomalyId: id, UserId: user,
				OrgId: pick(w, org, org, "elsewhere"), Author: pick(w, "ann", "bob"), Reason: "asked them",
				Verdict: pick(w, aerv1.VerdictTruePositive, aerv1.VerdictFalsePositive),
				Time:    aerv1.Time(at.Add(time.Duration(n/2) * time.Hour))})
		}
	}
}

func (w *world) add(table warehouse.Table, rows ...proto.Message) {
	w.rows[table] = append(w.rows[table], rows...)
}

// append writes the rows into both databases: by the Storage Write API, but for what the emulator then cannot read.
func (w *world) append(t *testing.T, b *both) {
	t.Helper()
	for _, s := range warehouse.Specs() {
		must(t, b.duck.Append(limited(t), s.Name, w.rows[s.Name]...))
		if s.Name == warehouse.Activity {
			insert(t, b.big, s.Name, w.rows[s.Name]...)
		} else {
			must(t, b.writer.Append(limited(t), s.Name, w.rows[s.Name]...))
		}
	}
}
