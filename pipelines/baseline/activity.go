// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
)

// rowsPerAppend is how many slices go into the warehouse at once.
const rowsPerAppend = 5000

// taken takes the slices of events; sink is given each from several goroutines at once and must not keep it.
func (e Events) taken(ctx context.Context, sink func(*aerv1.Slice),
	progress func(read, total int64)) (span local.Summary, err error) {
	in, err := event.OpenFiles(e.Paths, e.Decode)
	if err != nil {
		return span, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	cfg := local.Config{Enrich: e.Enrich, Slices: sink, Workers: runtime.GOMAXPROCS(0)}
	return local.Replay(ctx, in, cfg, decision.Config{}, local.Discard{}, progress)
}

// activityRows gathers what slices of several goroutines teach into appends. The newest day waits outside the warehouse
// if newest is set, until there is a newer one.
type activityRows struct {
	ctx    context.Context                  // of the one call that gathers
	open   func() (warehouse.Writer, error) // opens the warehouse, once
	newest *newestDay

	mu   sync.Mutex
	rows []proto.Message
	err  error
}

func (a *activityRows) add(s *aerv1.Slice) {
	if !aerv1.PrincipalOf(s).Person() {
		return // the SQL leaves them out as well
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err != nil {
		return
	}
	if a.newest != nil {
		switch d := dayOf(s.WindowStartMs); {
		case d > a.newest.day:
			a.err = errors.Join(a.newest.take(a.append), a.newest.begin(d))
			fallthrough
		case d == a.newest.day:
			a.err = errors.Join(a.err, a.newest.put(s))
			return
		}
	}
	a.err = a.append(s)
}

// append writes rows when there are enough of them; after an error nothing more is written.
func (a *activityRows) append(s *aerv1.Slice) error {
	if a.rows = append(a.rows, taught(s)); len(a.rows) < rowsPerAppend {
		return nil
	}
	return a.flush()
}

func (a *activityRows) flush() error {
	if len(a.rows) == 0 {
		return nil
	}
	db, err := a.open()
	if err == nil {
		err = db.Append(a.ctx, warehouse.Activity, a.rows...)
	}
	a.rows = a.rows[:0]
	return err
}

// finish writes the rest, and the newest day too if it is asked for.
func (a *activityRows) finish(newest bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil && a.newest != nil && newest {
		a.err = a.newest.take(a.append)
	}
	return errors.Join(a.err, a.flush())
}

// taught is what the SQL reads of a slice, and what tells two late ones of a window apart: a small part.
func taught(s *aerv1.Slice) *aerv1.Slice {
	out := &aerv1.Slice{
		OrgId: s.OrgId, UserId: s.UserId, UserType: s.UserType, ActorKind: s.ActorKind,
		WindowStartMs: s.WindowStartMs, WindowMs: s.WindowMs,
		Events: s.Events, DownloadBytes: s.DownloadBytes, Bytes: s.Bytes,
		Downloads: objectsOf(s.Downloads), Reads: objectsOf(s.Reads), Last: refOf(s.Last),
	}
	for _, r := range s.Refs {
		out.Refs = append(out.Refs, refOf(r))
	}
	for _, f := range s.Facets {
		c := f.GetClient()
		out.Facets = append(out.Facets, &aerv1.Facet{SessionId: f.SessionId, Events: f.Events,
			Client: &aerv1.FacetClient{Family: c.GetFamily(), Ja4: c.GetJa4(), Class: c.GetClass(), Asn: c.GetAsn()}})
	}
	for _, m := range s.Methods {
		out.Methods = append(out.Methods, &aerv1.MethodCount{Class: m.Class, Method: m.Method, Calls: m.Calls,
			Errors: m.Errors, RateLimited: m.RateLimited})
	}
	return out
}

func objectsOf(s *aerv1.ObjectSet) *aerv1.ObjectSet {
	if s == nil {
		return nil
	}
	return &aerv1.ObjectSet{Hashes: slices.Clone(s.Hashes), Sketched: s.Sketched}
}

func refOf(r *aerv1.EventRef) *aerv1.EventRef {
	if r == nil {
		return nil
	}
	return &aerv1.EventRef{Id: r.Id, TimeMs: r.TimeMs}
}
