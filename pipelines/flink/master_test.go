// SPDX-License-Identifier: Apache-2.0

package flink

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// A job is cancelled where it runs, and it is awaited that it has ended; others of the cluster are left alone.
func TestAJobIsCancelledAtTheJobManager(t *testing.T) {
	var cancelled, looks atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state := "RUNNING"
		switch {
		case r.Method == http.MethodPatch && r.URL.String() == "/jobs/f2?mode=cancel":
			cancelled.Add(1)
			w.WriteHeader(http.StatusAccepted)
			return
		case r.URL.Path != "/jobs/overview":
			http.Error(w, "no such job", http.StatusNotFound)
			return
		case cancelled.Load() > 0 && looks.Add(1) > 1:
			state = "CANCELED"
		}
		fmt.Fprintf(w, `{"jobs":[{"jid":"f1","name":"aer-root-1","state":"RUNNING"},{"jid":"f2","name":"aer-root-2","state":%q}]}`,
			state)
	}))
	defer srv.Close()
	m := master(strings.TrimPrefix(srv.URL, "http://"))
	if err := m.cancel(t.Context(), "aer-root-2_6f0a-4e"); err != nil {
		t.Fatal(err)
	}
	if cancelled.Load() != 1 || looks.Load() != 2 {
		t.Errorf("cancelled %d times and looked %d times, want once and until it had ended", cancelled.Load(), looks.Load())
	}
	if err := m.cancel(t.Context(), "aer-root-9_6f0a-4e"); err != nil || cancelled.Load() != 1 {
		t.Errorf("a job that is over: %v", err)
	}
	srv.Close()
	if err := m.cancel(t.Context(), "aer-root-2_6f0a-4e"); err == nil || !strings.Contains(err.Error(), "cancelling job") {
		t.Errorf("nobody answers: %v", err)
	}
}
