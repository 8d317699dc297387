// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/profile"
)

// goldens are the states of version 0, written by the program as it was before states had versions, in the order of
// their names: see testdata/state/README.md.
func goldens(t testing.TB, pattern string) (list [][]byte) {
	t.Helper()
	return goldensOf(t, "v0", pattern)
}

func goldensOf(t testing.TB, version, pattern string) (list [][]byte) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", "testdata", "state", version, pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no state %s of %s: %v", pattern, version, err)
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, raw)
	}
	return list
}

// A stage goes on from what the program before had stored and held back, and decides what that would have decided.
func TestStagesGoOnFromOlderStates(t *testing.T) {
	cfg := decision.Config{Mode: aerv1.ModeReplay, Settings: spoofedResponds}
	for i, name := range []string{"decide", "common", "budget"} {
		t.Run(name, func(t *testing.T) {
			stage := decision.Stages(cfg)[i]
			st := stage.Empty()
			if err := aerv1.UnmarshalState(goldens(t, name+".state")[0], st); err != nil {
				t.Fatal(err)
			}
			var held []decision.Held
			for _, raw := range goldens(t, name+".pending.*") {
				things, err := readPending(raw)
				if err != nil {
					t.Fatal(err)
				}
				for _, p := range things {
					d, err := readHeld(p.Data, i)
					if err != nil {
						t.Fatal(err)
					}
					if c := d.Anomaly.GetEvidence().GetClient(); c != nil {
						c.DeviceId = "D" // the program before took a device that is not named for a strange one
					}
					held = append(held, decision.Held{Decided: d, DueMS: p.DueMs})
				}
			}
			const forever = int64(1) << 60
			var got []*aerv1.Decision
			for _, d := range stage.Step(st, held, forever).Out {
				got = append(got, d.Decision)
			}
			if diff := cmp.Diff(wanted(t, name), got, protocmp.Transform()); diff != "" {
				t.Errorf("decisions differ (-program before +this one):\n%s", diff)
			}
		})
	}
}

func wanted(t *testing.T, name string) (list []*aerv1.Decision) {
	t.Helper()
	for line := range bytes.Lines(goldens(t, name+".want.ndjson")[0]) {
		d := &aerv1.Decision{}
		if err := aerv1.UnmarshalJSONLine(line, d); err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

// A shard that was written by a program before is that of its batches, and what was held back is found in the next
// ones.
func TestShardsGoOnFromOlderStates(t *testing.T) {
	for _, written := range []string{"v0", "v1"} {
		t.Run(written, func(t *testing.T) {
			h, err := readHead(goldensOf(t, written, "shard.head")[0])
			if err != nil {
				t.Fatal(err)
			}
			logged := goldensOf(t, written, "shard.log.*")
			slices.Reverse(logged)
			got, err := replayLog(logged, h)
			if err != nil {
				t.Fatal(err)
			}
			var pending []*aerv1.PendingThing
			for _, raw := range goldensOf(t, written, "shard.pending.*") {
				things, err := readPending(raw)
				if err != nil {
					t.Fatal(err)
				}
				pending = append(pending, things...)
			}
			want, v := profile.NewShard(), version{}
			for i, p := range batchesOf(t, traffic(40)) {
				if applyTo(t, want, p); i < 30 {
					v = v.next(packedBefore(t, p))
				}
			}
			got.take(pending)
			for _, p := range got.due(math.MaxInt64) {
				applyTo(t, got.profiles, p)
			}
			if got.version != v || len(pending) != 10 {
				t.Errorf("the shard is of version %x with %d batches pending, want %x with 10", got.version, len(pending), v)
			}
			if diff := cmp.Diff(want, got.profiles, sameShard...); diff != "" {
				t.Errorf("profiles differ (-of the batches +of the state):\n%s", diff)
			}
		})
	}
}

func applyTo(t *testing.T, sh *profile.Shard, p *aerv1.PackedBatch) {
	t.Helper()
	b, err := Unpack(p)
	if err != nil {
		t.Fatal(err)
	}
	detector.Judge{Detectors: detector.NewSet(nil, nil)}.Batch(sh, b)
}

// packedBefore is the data of a batch as it was packed before there was package compact.
func packedBefore(t *testing.T, p *aerv1.PackedBatch) []byte {
	t.Helper()
	b, err := Unpack(p)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := b.MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	return compress(raw)
}

// sameShard compares all of two shards but what schema 1 did not say: which of the last days were active, and the seat
// that a client was last seen from.
var sameShard = cmp.Options{
	cmp.Exporter(func(t reflect.Type) bool { return t.PkgPath() == reflect.TypeFor[profile.Shard]().PkgPath() }),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().Type().Kind() == reflect.Func }, cmp.Ignore()),
	protocmp.Transform(), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(profile.Profile{}, "RecentDays"),
	cmpopts.IgnoreFields(profile.SessionClient{}, "Seat"),
}

// What a newer program wrote is refused, with a word about what to do.
func TestNewerStatesAreRefused(t *testing.T) {
	const newer, newerShard = aerv1.StateVersion + 1, aerv1.ShardVersion + 1
	for name, c := range map[string]struct {
		written aerv1.State
		read    func([]byte) error
	}{
		"pending": {&aerv1.Pending{Version: newerShard}, func(b []byte) error { _, err := readPending(b); return err }},
		"held":    {&aerv1.DecidedPair{Version: newer}, func(b []byte) error { _, err := readHeld(b, 0); return err }},
		"head":    {&aerv1.ShardHead{Version: newerShard}, func(b []byte) error { _, err := readHead(b); return err }},
		"entry":   {&aerv1.ShardEntry{Version: newerShard}, func(b []byte) error { _, err := readEntry(b); return err }},
		"batches": {&aerv1.PackedBatches{Version: newerShard},
			func(b []byte) error { _, err := decodeProto(reflect.TypeFor[*aerv1.PackedBatches](), b); return err }},
		"history": {&aerv1.UserHistory{Version: newer},
			func(b []byte) error { return aerv1.UnmarshalState(b, &aerv1.UserHistory{}) }},
		"common": {&aerv1.CommonState{Version: newer},
			func(b []byte) error { return aerv1.UnmarshalState(b, &aerv1.CommonState{}) }},
		"budget": {&aerv1.BudgetState{Version: newer},
			func(b []byte) error { return aerv1.UnmarshalState(b, &aerv1.BudgetState{}) }},
	} {
		raw, err := c.written.MarshalVT()
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("is of version %d and this program knows up to %d: a newer aer wrote it, so run that one",
			c.written.GetVersion(), c.written.GetVersion()-1)
		if err := c.read(raw); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v", name, err)
		}
	}
	anonymous, err := proto.Marshal(&aerv1.UserHistory{ClockMs: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := aerv1.UnmarshalState(anonymous, &aerv1.UserHistory{}); err == nil ||
		!strings.Contains(err.Error(), "does not say its version") {
		t.Errorf("no version: error is %v", err)
	}
}
