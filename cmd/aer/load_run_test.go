// SPDX-License-Identifier: Apache-2.0

package main

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	_ "github.com/duckdb/duckdb-go/v2" // reads the warehouse

	"github.com/aer-project/aer/cmd/aer/setup"
)

// TestIntegrationPubSubRun: the same load, and aer run itself. A run that drains has counted and acknowledged exactly
// what it pulled, and all of it is in slices or dead letters. What a run on Prism has acknowledged and not yet written
// is lost when it is killed, since Prism keeps it in memory: the test says how much.
func TestIntegrationPubSubRun(t *testing.T) {
	lasts := loadLasts(t)
	if os.Getenv(loadEnv) == "" {
		t.Skipf("%s is not set: make test-load runs this", loadEnv)
	}
	b := newLoadBus(t)
	dir := t.TempDir()
	config := filepath.Join(dir, "aer.yaml")
	text := fmt.Sprintf("source: {kind: pubsub, subscription: %s, endpoint: %q, time_attribute: time, id_attribute: id}\n"+
		"out: %q\n", loadSub, b.addr, filepath.Join(dir, "out"))
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var written []int // events in slices after each run
	c := &chaos{t: t, start: func(n int) *loadProcess {
		if n > 0 {
			written = append(written, eventsIn(t, filepath.Join(dir, "out")))
		}
		return startLoad(t, "aer", "run", "--config", config, "-o", "json")
	}}
	c.under(b, lasts)
	time.Sleep(loadPatience) // what the killed runs held comes again within a minute, and nobody can tell when it has
	c.last(syscall.SIGTERM)
	written = append(written, eventsIn(t, filepath.Join(dir, "out")))
	c.report()
	t.Logf("published %d events, %d of them twice, and %d pieces of garbage; %d handed back; in slices after each run: %v",
		b.events, b.repeated, b.garbage, b.handedBack.Load(), written)
	first, last := c.all[0], c.all[len(c.all)-1]
	if got := int64(written[0]); got != first.counted["ingest/events"] {
		t.Errorf("%d events are in slices, and the first run took %d in", got, first.counted["ingest/events"])
	}
	grew := int64(written[len(written)-1] - written[len(written)-2])
	if got := last.counted["ingest/events"] - last.counted["ingest/events_late"]; grew != got {
		t.Errorf("the last run added %d events to slices, and took %d in", grew, got)
	}
	t.Logf("lost with the memory of the killed runs: %d events of %d", b.events-written[len(written)-1], b.events)
}

// eventsIn is how many events the slices of a warehouse hold.
func eventsIn(t *testing.T, out string) (n int) {
	t.Helper()
	db, err := sql.Open("duckdb", filepath.Join(out, setup.DuckDBFile))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRowContext(t.Context(), "SELECT coalesce(sum(events), 0) FROM activity").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
