// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	bq "cloud.google.com/go/bigquery"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/sinks/sinktest/outside"
	"github.com/aer-project/aer/sinks/warehouse"
)

// bigQueryEvents are three people at work within seconds, one of whom comes through a Tor exit, and a line that is no
// event.
func bigQueryEvents(begin time.Time) string {
	var out strings.Builder
	const agent = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
	for i, c := range []struct{ user, ip, action string }{
		{"ada", "192.0.2.1", "user_login"}, {"ada", "192.0.2.1", "file_downloaded"}, {"bo", "192.0.2.2", "user_login"},
		{"bo", "192.0.2.2", "file_downloaded"}, {"cy", "203.0.113.5", "user_login"}, {"cy", "203.0.113.5", "file_downloaded"},
	} {
		fmt.Fprintf(&out, `{"id":"e-%[1]d","time":%[6]q,"org_id":"O1","user_id":%[2]q,`+
			`"session_id":"s-%[2]s","action":%[3]q,"object":{"type":"file","id":"F%[1]d"},"bytes":10,`+
			`"client":{"ip":%[4]q,"user_agent":%[5]q}}`+"\n", i, c.user, c.action, c.ip, agent,
			begin.Add(time.Duration(i)*time.Second).Format(time.RFC3339))
	}
	return out.String() + "no event\n"
}

// bigQueryRun is a folder with a configuration that enforces and writes to the emulator.
type bigQueryRun struct {
	dir    string
	client *bq.Client
}

func newBigQueryRun(t *testing.T) *bigQueryRun {
	t.Helper()
	api, storage := outside.BigQuery(t)
	r := &bigQueryRun{dir: t.TempDir()}
	now := time.Now().UTC() // an old list of Tor exits only logs
	for name, text := range map[string]string{
		"events.ndjson": bigQueryEvents(now.Add(-time.Minute)),
		"tor.tsv":       fmt.Sprintf("203.0.113.5\t%d\t%d\n", now.Add(-time.Hour).Unix(), now.Add(time.Hour).Unix()),
		"people.yaml":   "orgs: {O1: {people: {cy: {name: Cy, email: cy@acme.example}}}}\n",
		"aer.yaml": fmt.Sprintf("mode: enforce\nsource: {kind: files, files: [events.ndjson]}\nout: out\ndirectory: people.yaml\n"+
			"enrich: {tor: [{path: tor.tsv}]}\nwarehouse: {kind: bigquery, bigquery: {project: %s, dataset: aer, endpoint: %q, "+
			"storage_endpoint: %q}}\n", outside.BigQueryProject, api, storage),
	} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var err error
	r.client, err = bq.NewClient(t.Context(), outside.BigQueryProject, option.WithEndpoint(api),
		option.WithoutAuthentication())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.client.Close() })
	return r
}

// aer runs a command line in the folder, in a process of its own.
func (r *bigQueryRun) aer(t *testing.T, args ...string) (said string, err error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	cmd := exec.CommandContext(ctx, "aer", args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.dir, &out, &out
	err = cmd.Run()
	return out.String(), err
}

func (r *bigQueryRun) must(t *testing.T, args ...string) {
	t.Helper()
	if said, err := r.aer(t, args...); err != nil {
		t.Fatalf("aer %s: %v\n%s", strings.Join(args, " "), err, said)
	}
}

// ask gives the first column of a query's rows, sorted.
func (r *bigQueryRun) ask(t *testing.T, query string) (out []string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	it, err := r.client.Query(query).Read(ctx)
	for err == nil {
		var row []bq.Value
		if err = it.Next(&row); err == nil {
			out = append(out, fmt.Sprint(row[0]))
		}
	}
	if err != iterator.Done { //nolint:errorlint // the package says to compare
		t.Fatalf("%v\n%s", err, query)
	}
	slices.Sort(out)
	return out
}

// TestIntegrationBigQuery: a run's rows come back through the views, and what people say of them with the next run.
func TestIntegrationBigQuery(t *testing.T) {
	r := newBigQueryRun(t)
	if said, err := r.aer(t, "run", "--config", "aer.yaml"); err == nil || !strings.Contains(said, "run aer warehouse init") {
		t.Errorf("a run without a dataset: %v\n%s", err, said)
	}
	r.must(t, "warehouse", "init", "--config", "aer.yaml")
	r.must(t, "warehouse", "check", "--config", "aer.yaml")
	r.must(t, "run", "--config", "aer.yaml")
	for _, table := range []warehouse.Table{warehouse.Anomalies, warehouse.Decisions, warehouse.Responses,
		warehouse.Notifications, warehouse.AuditLog, warehouse.DeadLetters} {
		want := r.written(t, table)
		if got := r.ask(t, fmt.Sprintf("SELECT id FROM `aer.%s_v`", table)); len(want) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: %q in BigQuery, %q in the file", table, got, want)
		}
	}
	id := r.written(t, warehouse.Anomalies)[0]
	r.must(t, "feedback", id[:8], "false-positive", "--dir", "out", "--reason", "her travels")
	r.must(t, "run", "--config", "aer.yaml") // the same events again: nothing is there twice
	for query, want := range map[string]string{
		"SELECT CONCAT(user_id, ' ', type, ' ', outcome, ' ', mode, ' ', ip, ' ', verdict) FROM `aer.incidents`":   "cy tor RESPOND enforce 203.0.113.5 false_positive",
		"SELECT CONCAT(user_id, ' ', what) FROM `aer.person_timeline` WHERE org_id = 'O1'":                         "ada activity, bo activity, cy activity, cy anomaly, cy decision, cy feedback, cy notification, cy response",
		"SELECT CONCAT(user_id, ' ', anomaly_type) FROM `aer.sign_outs`":                                           "cy tor",
		"SELECT CONCAT(type, ' ', findings, ' ', responded, ' ', false_positives) FROM `aer.detector_health`":      "tor 1 1 1",
		"SELECT CONCAT(people, ' ', events, ' ', findings) FROM `aer.org_overview` WHERE people > 0":               "3 6 1",
		"SELECT CONCAT(type, ' ', judged, ' ', share_false, ' ', responded_to_in_vain) FROM `aer.false_positives`": "tor 1 1 1",
		"SELECT CAST(COUNT(*) AS STRING) FROM `aer.common_causes`":                                                 "0",
		"SELECT CAST(COUNT(*) AS STRING) FROM `aer.excluded_days_v`":                                               "0", // it was a false alarm
	} {
		if got := strings.Join(r.ask(t, query), ", "); got != want {
			t.Errorf("%s\ngives %s\nwant  %s", query, got, want)
		}
	}
}

// written is the ids of a table's rows in the run's files, each once.
func (r *bigQueryRun) written(t *testing.T, table warehouse.Table) (ids []string) {
	t.Helper()
	err := warehouse.ReadNDJSON(filepath.Join(r.dir, "out"), table, func(m proto.Message, err error) error {
		if err == nil {
			ids = append(ids, m.(interface{ GetId() string }).GetId())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
