// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"bufio"
	"bytes"
	"iter"
	"os"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/duckdb"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/compact"
	"github.com/aer-project/aer/transforms/enrich"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/profile"
)

// TestMeasure measures the bytes of measured.yaml on a file of events and prints them: AER_EVENTS=FILE go test -v -run
// TestMeasure ./cmd/aer/cost. Whoever changed a format copies them into the file.
func TestMeasure(t *testing.T) {
	path := os.Getenv("AER_EVENTS")
	if path == "" {
		t.Skip("AER_EVENTS names no file of events")
	}
	events := measuredEvents(t, path)
	t.Run("wire", func(t *testing.T) { measureWire(t, path, events) })
	t.Run("shuffle", func(t *testing.T) { measureShuffle(t, events) })
	t.Run("rows", func(t *testing.T) { measureRows(t, events) })
	t.Run("derived", func(t *testing.T) { measureDerived(t, events[:min(len(events), 100_000)]) })
	t.Run("profiles", func(t *testing.T) { measureProfiles(t, path) })
}

// measuredMax bounds the memory that the measurement takes.
const measuredMax = 400_000

func measuredEvents(t *testing.T, path string) (events []*aerv1.Event) {
	t.Helper()
	for ev := range judged(t, path) {
		if events = append(events, ev); len(events) == measuredMax {
			break
		}
	}
	return events
}

// judged yields the events of a file that count for somebody.
func judged(t *testing.T, path string) iter.Seq[*aerv1.Event] {
	in, err := event.OpenFiles([]string{path}, event.Options{})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := enrich.New(enrich.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(*aerv1.Event) bool) {
		for ev, dead := range in.All() {
			if dead != nil {
				t.Fatal(dead)
			}
			if _, counts := aerv1.PrincipalOfEvent(ev); !counts {
				continue
			}
			facts.Enrich(ev)
			if !yield(ev) {
				break
			}
		}
		if err := in.Close(); err != nil {
			t.Error(err)
		}
	}
}

func measureWire(t *testing.T, path string, events []*aerv1.Event) {
	raw := 0
	var lines [][]byte
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan() && len(lines) < 100_000; {
		lines = append(lines, bytes.Clone(in.Bytes()))
		raw += len(in.Bytes())
	}
	t.Logf("as in the file: %.0f B an event", float64(raw)/float64(len(lines)))
	var native, packed [][]byte
	plain, binary := 0, 0
	for _, ev := range events[:min(len(events), 100_000)] {
		bare := proto.CloneOf(ev)
		if bare.Client != nil {
			bare.Client.Facts = nil
		}
		js, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(bare)
		if err != nil {
			t.Fatal(err)
		}
		pb, err := bare.MarshalVT()
		if err != nil {
			t.Fatal(err)
		}
		native, packed = append(native, js), append(packed, pb)
		plain, binary = plain+len(js), binary+len(pb)
	}
	t.Logf("native JSON %.0f B, protobuf %.0f B", float64(plain)/float64(len(native)), float64(binary)/float64(len(native)))
	for _, n := range []int{10, 100, 1000} {
		t.Logf("%4d in a message, zstd: as in the file %.0f B, native %.0f B, protobuf %.0f B", n,
			zipped(lines, n), zipped(native, n), zipped(packed, n))
	}
}

// zipped is the compressed bytes a record, with n in a message.
func zipped(records [][]byte, n int) float64 {
	w, _ := zstd.NewWriter(nil)
	total, count := 0, 0
	for part := range slices.Chunk(records, n) {
		total += len(w.EncodeAll(bytes.Join(part, []byte("\n")), nil))
		count += len(part)
	}
	return float64(total) / float64(count)
}

// envelope is what is around a batch on its way: version, length, window and key.
const envelope = 12

// measureShuffle prints what an event takes in a batch, by events in it, and how many slices there are.
func measureShuffle(t *testing.T, events []*aerv1.Event) {
	for _, n := range []int{1, 3, 10, 30, 100, 300} {
		total, plain, count := 0, 0, 0
		for part := range slices.Chunk(events[:min(len(events), 60_000)], n) {
			a := activity.NewAccumulator(activity.DefaultWindowMS)
			for _, ev := range part {
				a.Add(proto.CloneOf(ev))
			}
			b := a.Batch()
			total, plain, count = total+len(compact.Append(nil, b))+envelope, plain+b.SizeVT(), count+len(part)
		}
		t.Logf("%3d events in a batch: %.0f B an event, %.0f B as a message", n, float64(total)/float64(count),
			float64(plain)/float64(count))
	}
	type window struct {
		who     aerv1.Principal
		startMS int64
	}
	windows := map[window]bool{}
	for _, ev := range events {
		who, _ := aerv1.PrincipalOfEvent(ev)
		windows[window{who, activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), activity.DefaultWindowMS)}] = true
	}
	t.Logf("%.3f slices an event", float64(len(windows))/float64(len(events)))
}

func measureRows(t *testing.T, events []*aerv1.Event) {
	spec, err := warehouse.SpecOf(warehouse.Activity)
	if err != nil {
		t.Fatal(err)
	}
	names, err := spec.Columns()
	if err != nil {
		t.Fatal(err)
	}
	total, sparse, n := 0, 0, 0
	by := map[string]int{}
	a := activity.NewAccumulator(activity.DefaultWindowMS)
	for _, ev := range events[:min(len(events), 60_000)] {
		a.Add(proto.CloneOf(ev))
	}
	for _, s := range a.Batch().Slices {
		row, err := spec.Row(s)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range row {
			total += rowBytes(v, false)
			sparse += rowBytes(v, true)
			by[names[i].Name] += rowBytes(v, false)
		}
		n++
	}
	t.Logf("a row of activity: %.0f B, %.0f B with NULL for nothing", float64(total)/float64(n), float64(sparse)/float64(n))
	for k, v := range by {
		t.Logf("  %-16s %.1f", k, float64(v)/float64(n))
	}
}

// rowBytes is the logical size of a value as BigQuery counts it. With nulls, what is zero or empty counts nothing.
func rowBytes(v any, nulls bool) int {
	r := reflect.ValueOf(v)
	switch {
	case v == nil || nulls && r.IsZero():
		return 0
	case r.Kind() == reflect.String:
		return 2 + r.Len()
	case r.Kind() == reflect.Bool:
		return 1
	case r.Kind() == reflect.Map:
		n := 0
		for _, k := range r.MapKeys() {
			n += rowBytes(r.MapIndex(k).Interface(), nulls)
		}
		return n
	case r.Kind() == reflect.Slice:
		n := 0
		for i := range r.Len() {
			n += rowBytes(r.Index(i).Interface(), nulls)
		}
		return n
	}
	return 8 // numbers and times
}

// measureDerived prints the rows of one user and day that follow from activity, and the columns that are read of it.
func measureDerived(t *testing.T, events []*aerv1.Event) {
	db, err := duckdb.Open(t.Context(), "", duckdb.Options{MemoryMB: 2048})
	if err != nil {
		t.Skip(err)
	}
	defer db.Close()
	a := activity.NewAccumulator(activity.DefaultWindowMS)
	first, last := events[0].Time.AsTime(), events[0].Time.AsTime()
	for _, ev := range events {
		a.Add(proto.CloneOf(ev))
		if at := ev.Time.AsTime(); at.After(last) {
			last = at
		}
	}
	for part := range slices.Chunk(a.Batch().Slices, 10_000) {
		var rows []proto.Message
		for _, s := range part {
			rows = append(rows, s)
		}
		if err := db.Append(t.Context(), warehouse.Activity, rows...); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.RefreshActivity(t.Context(), first.Truncate(24*time.Hour), last.Truncate(24*time.Hour).AddDate(0, 0, 1)); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{"SELECT * FROM activity_hourly", "SELECT * FROM activity_daily",
		"SELECT org_id, user_id, day, \"values\" FROM activity_daily", "SELECT org_id, user_id, day, clients FROM activity_daily"} {
		rows, n := queried(t, db, q)
		t.Logf("%s: %d rows of %.0f B", q, n, float64(rows)/float64(n))
	}
}

// queried is the logical bytes of the rows of a query, and how many they are.
func queried(t *testing.T, db *duckdb.DB, query string) (size, n int) {
	t.Helper()
	rows, err := db.SQL().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	names, _ := rows.Columns()
	row, at := make([]any, len(names)), make([]any, len(names))
	for i := range row {
		at[i] = &row[i]
	}
	for ; rows.Next(); n++ {
		if err := rows.Scan(at...); err != nil {
			t.Fatal(err)
		}
		size += rowBytes(row, false)
	}
	return size, n
}

// measureProfiles prints what a profile takes after all events of the file.
func measureProfiles(t *testing.T, path string) {
	before := heapAlive()
	sh, n := profile.NewShard(), 0
	for ev := range judged(t, path) {
		n++
		sh.Apply(&aerv1.Batch{WindowEndMs: ev.Time.AsTime().UnixMilli() + activity.DefaultWindowMS,
			Slices: []*aerv1.Slice{activity.Summarise(ev, activity.DefaultWindowMS)}}, nil)
	}
	heap := heapAlive() - before
	encoded := 0
	err := sh.Snapshot(func(raw []byte) error {
		encoded += len(raw)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d profiles of %d events: %d B encoded, %d B of heap each", sh.Len(), n, encoded/sh.Len(), heap/uint64(sh.Len()))
	runtime.KeepAlive(sh)
}

func heapAlive() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
