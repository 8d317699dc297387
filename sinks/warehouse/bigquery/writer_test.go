// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/bigquery/storage/apiv1/storagepb"
	"github.com/cenkalti/backoff/v5"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/warehousetest"
)

// quick does not wait between attempts.
var quick = Options{Retry: retry.Policy{Backoff: func() backoff.BackOff { return &backoff.ZeroBackOff{} }},
	Now: func() time.Time { return time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC) }}

func open(t *testing.T, c Config, o Options) *Writer {
	t.Helper()
	w, err := Open(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// TestContract is the contract that all writers have, on a server of this process.
func TestContract(t *testing.T) {
	warehousetest.Run(t, func(t *testing.T) warehousetest.Harness {
		s := &server{}
		c := serve(t, s)
		return warehousetest.Harness{
			Open: func(t *testing.T) warehouse.Writer { return open(t, c, quick) },
			IDs: func(t *testing.T, table warehouse.Table) []string {
				spec, err := warehouse.SpecOf(table)
				if err != nil {
					t.Fatal(err)
				}
				return s.texts(string(table), spec.Key[0])
			},
		}
	})
}

func decisions(ids ...string) (rows []proto.Message) {
	for _, id := range ids {
		rows = append(rows, &aerv1.Decision{Id: id, OrgId: "O1", Outcome: aerv1.Decision_LOG_ONLY})
	}
	return rows
}

// TestPoison: rows that the server names, and one that is too large to be sent, become dead letters; the others arrive.
func TestPoison(t *testing.T) {
	s := &server{refuse: func(table string, row *dynamicpb.Message) string {
		id := row.Get(row.Descriptor().Fields().ByTextName("id")).String()
		if table == "decisions" && strings.HasPrefix(id, "bad") {
			return "Field time is too far in the future"
		}
		return ""
	}}
	w := open(t, serve(t, s), quick)
	rows := decisions("a", "bad-1", "b", "huge", "bad-2", "c")
	rows[3].(*aerv1.Decision).Reason = strings.Repeat("x", requestBytesMax+1)
	for range 2 { // the engine repeats a bundle: the letters are the same
		if err := w.Append(t.Context(), warehouse.Decisions, rows...); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.texts("decisions", "id"); !slices.Equal(got, []string{"a", "b", "c", "a", "b", "c"}) {
		t.Errorf("arrived: %q", got)
	}
	reasons, details := s.texts("dead_letters", "reason"), s.texts("dead_letters", "detail")
	if len(reasons) != 6 || slices.ContainsFunc(reasons, func(r string) bool { return r != warehouse.ReasonBadRow }) {
		t.Fatalf("dead letters: %q", reasons)
	}
	for _, want := range []string{"FIELDS_ERROR: Field time is too far in the future",
		fmt.Sprintf("and at most %d fit", requestBytesMax)} {
		if !strings.Contains(strings.Join(details, "\n"), want) {
			t.Errorf("no dead letter says %q: %q", want, details)
		}
	}
	ids := s.texts("dead_letters", "id")
	if slices.Sort(ids); ids[0] != ids[1] || ids[2] != ids[3] || ids[4] != ids[5] {
		t.Errorf("a row that comes again is another dead letter: %q", ids)
	}
	for i, raw := range s.texts("dead_letters", "raw") {
		if len(raw) > 64<<10 || !strings.HasPrefix(raw, `{"id":"`) {
			t.Errorf("dead letter %d keeps %d bytes, %.20q", i, len(raw), raw)
		}
	}
}

// TestManyRowsAreSeveralRequests: none is larger than BigQuery takes.
func TestManyRowsAreSeveralRequests(t *testing.T) {
	s := &server{}
	w := open(t, serve(t, s), quick)
	rows := decisions("a", "b", "c", "d", "e")
	for _, r := range rows {
		r.(*aerv1.Decision).Reason = strings.Repeat("x", requestBytesMax/2-100)
	}
	if err := w.Append(t.Context(), warehouse.Decisions, rows...); err != nil {
		t.Fatal(err)
	}
	if got := s.texts("decisions", "id"); !slices.Equal(got, []string{"a", "b", "c", "d", "e"}) || s.requests != 3 {
		t.Errorf("%q arrived in %d requests", got, s.requests)
	}
}

// TestFaultsThatPass: whatever the server says three times, or does, the rows arrive.
func TestFaultsThatPass(t *testing.T) {
	for _, code := range []codes.Code{codes.Unavailable, codes.Internal, codes.Aborted, codes.ResourceExhausted,
		codes.Unknown} {
		t.Run(code.String(), func(t *testing.T) {
			s := &server{fault: func(_ string, n int) error {
				if n <= 3 {
					return status.Error(code, "not now")
				}
				return nil
			}}
			w := open(t, serve(t, s), quick)
			for _, id := range []string{"a", "b"} {
				if err := w.Append(t.Context(), warehouse.Decisions, decisions(id)...); err != nil {
					t.Fatal(err)
				}
			}
			if got := s.texts("decisions", "id"); !slices.Equal(got, []string{"a", "b"}) {
				t.Errorf("arrived: %q", got)
			}
		})
	}
}

// TestFaultsThatStay: what trying again cannot cure is said at once, with what to do.
func TestFaultsThatStay(t *testing.T) {
	extra := status.New(codes.InvalidArgument, "extra fields")
	extra, err := extra.WithDetails(&storagepb.StorageError{Code: storagepb.StorageError_SCHEMA_MISMATCH_EXTRA_FIELDS})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{status.Error(codes.NotFound, "no table"), "appending 1 rows to aer-test.aer.decisions: run aer warehouse init: "},
		{status.Error(codes.PermissionDenied, "not you"), "not you"},
		{extra.Err(), "the table lacks columns: run aer warehouse migrate"},
	} {
		s := &server{fault: func(string, int) error { return c.err }}
		w := open(t, serve(t, s), quick)
		err := w.Append(t.Context(), warehouse.Decisions, decisions("a")...)
		if err == nil || !strings.Contains(err.Error(), c.want) || retry.Recoverable(err) || s.requests != 1 {
			t.Errorf("%v after %d requests, want one and %q", err, s.requests, c.want)
		}
	}
}

// TestAServerThatDoesNotAnswer is given up at the deadline, whether it hangs or always fails, and works when it does.
func TestAServerThatDoesNotAnswer(t *testing.T) {
	for _, code := range []codes.Code{codes.DeadlineExceeded, codes.Unavailable} {
		broken := true
		var mu sync.Mutex
		s := &server{fault: func(string, int) error {
			mu.Lock()
			defer mu.Unlock()
			if broken {
				return status.Error(code, "not today")
			}
			return nil
		}}
		o := quick
		o.AppendMax = 300 * time.Millisecond
		w := open(t, serve(t, s), o)
		if err := w.Append(t.Context(), warehouse.Decisions, decisions("a")...); err == nil || !retry.Recoverable(err) {
			t.Errorf("%s: %v", code, err)
		}
		mu.Lock()
		broken = false
		mu.Unlock()
		w.o.AppendMax = time.Minute
		if err := w.Append(t.Context(), warehouse.Decisions, decisions("a")...); err != nil {
			t.Error(err)
		}
	}
}

// TestNobodyListens: not even the connection can be opened.
func TestNobodyListens(t *testing.T) {
	o := quick
	o.AppendMax = 300 * time.Millisecond
	w := open(t, Config{Project: "aer-test", Dataset: "aer", Endpoint: "http://127.0.0.1:1",
		StorageEndpoint: "127.0.0.1:1"}, o)
	if err := w.Append(t.Context(), warehouse.Decisions, decisions("a")...); err == nil || !retry.Recoverable(err) {
		t.Error(err)
	}
}

// TestBackpressure: callers wait for a server that is slow, beyond a number that it gets at once.
func TestBackpressure(t *testing.T) {
	release := make(chan struct{})
	s := &server{fault: func(string, int) error { <-release; return nil }}
	w := open(t, serve(t, s), quick)
	const callers = 3 * appendsMax
	var wg sync.WaitGroup
	for i := range callers {
		wg.Go(func() {
			if err := w.Append(t.Context(), warehouse.Decisions, decisions(fmt.Sprint(i))...); err != nil {
				t.Error(err)
			}
		})
	}
	for len(w.slots) < appendsMax {
		time.Sleep(time.Millisecond) // until they are all taken
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := w.Append(ctx, warehouse.Decisions, decisions("late")...); !errors.Is(err, context.Canceled) {
		t.Errorf("who waits and is called off: %v", err)
	}
	close(release)
	wg.Wait()
	if n := len(s.texts("decisions", "id")); n != callers || s.most > appendsMax {
		t.Errorf("%d rows of %d callers arrived, at most %d requests at once", n, callers, s.most)
	}
}
