// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/aer-project/aer/cmd/aer/config"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/sqlgen"
)

var update = flag.Bool("update", false, "rewrite the configurations that follow from the files")

// Tables and views are those of the warehouse, each view as aer warehouse would make it, and after those beneath it.
func TestTheWarehouse(t *testing.T) {
	m := load(t, given)
	var tables []string
	for _, s := range warehouse.Specs() {
		tables = append(tables, string(s.Name))
	}
	slices.Sort(tables)
	if diff := cmp.Diff(tables, m.names(t, "google_bigquery_table.tables", "table_id")); diff != "" {
		t.Errorf("tables:\n%s", diff)
	}
	views, err := sqlgen.Renderer{Dialect: sqlgen.BigQuery, Dataset: "acme-security.aer"}.Views()
	if err != nil {
		t.Fatal(err)
	}
	want, got := map[string]string{}, map[string]string{}
	for _, v := range views {
		want[v.Name] = v.Query
	}
	for name, query := range m.local(t, "views").AsValueMap() {
		got[name] = query.AsString()
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("views:\n%s", diff)
	}
	made := slices.Clone(tables)
	for _, level := range []string{"first", "second", "third"} {
		names := m.names(t, "google_bigquery_table.views_"+level, "table_id")
		for _, name := range names {
			for _, ref := range regexp.MustCompile("acme-security\\.aer\\.(\\w+)`").FindAllStringSubmatch(got[name], -1) {
				if !slices.Contains(made, ref[1]) {
					t.Errorf("%s (%s) stands on %s, which is not there yet", name, level, ref[1])
				}
			}
		}
		made = append(made, names...)
	}
	if len(made) != len(tables)+len(views) {
		t.Errorf("%d tables and views are made, want %d", len(made), len(tables)+len(views))
	}
}

// Scheduled queries are the files of that name, on the project's dataset, when the files say.
func TestScheduledQueries(t *testing.T) {
	m := load(t, given)
	for name, v := range m.local(t, "scheduled").AsValueMap() {
		raw := string(read(t, "../../../schemas/sql/bigquery/scheduled_"+name+".sql"))
		start := v.AsValueMap()["start"].AsString()
		when := map[string]string{"hourly": "every hour at a quarter past", "daily": "daily at 00:30 UTC"}[name]
		if when == "" || !strings.Contains(raw, when) || !strings.Contains(start, map[string]string{"hourly": "T00:15:00Z",
			"daily": "T00:30:00Z"}[name]) {
			t.Errorf("%s begins at %s; the file says %.120s", name, start, raw)
		}
	}
	files, err := filepath.Glob("../../../schemas/sql/bigquery/scheduled_*.sql")
	if err != nil || len(files) != m.local(t, "scheduled").LengthInt() {
		t.Errorf("%v are scheduled, want those of %v: %v", m.local(t, "scheduled"), files, err)
	}
}

// The database has the fields that the store's own file names, and what expires has a policy.
func TestFirestore(t *testing.T) {
	m := load(t, given)
	fields := m.names(t, "google_firestore_field.fields", "field")
	if len(fields) == 0 || !slices.Contains(fields, "expires") {
		t.Errorf("fields are %v", fields)
	}
	want := m.local(t, "firestore").GetAttr("indexes").LengthInt()
	if got := m.names(t, "google_firestore_index.indexes", "collection"); len(got) != want {
		t.Errorf("composite indexes are of %v", got)
	}
}

// The configuration that comes of the variables is one that aer run takes, and names what the files make.
func TestConfiguration(t *testing.T) {
	for name, more := range map[string]map[string]cty.Value{
		"observe": {},
		"enforce": {"mode": cty.StringVal("enforce"), "expected_users": cty.NumberIntVal(2_000_000),
			"platform_webhook": cty.StringVal("https://platform.example.com/aer"), "tor_list": cty.StringVal("tor.txt"),
			"operators": cty.SetVal([]cty.Value{cty.StringVal("ops@example.com")})},
	} {
		t.Run(name, func(t *testing.T) {
			m := load(t, with(more))
			text := m.local(t, "config").AsString()
			file := filepath.Join("testdata", name+".yaml")
			if *update {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, file)), text); diff != "" {
				t.Errorf("%s is not current; go test ./cmd/aer/deploy -update\n%s", file, diff)
			}
			c, err := config.Read(file)
			if err == nil {
				err = c.Validate()
			}
			if err != nil {
				t.Fatal(err)
			}
			project := "projects/acme-security/"
			topics := append(m.names(t, "google_pubsub_topic.out", "name"), m.names(t, "google_pubsub_topic.events", "name")...)
			for _, got := range [][2]string{
				{c.Source.Subscription, project + "subscriptions/" + m.names(t, "google_pubsub_subscription.events", "name")[0]},
				{c.Store, "firestore:" + project + "databases/" + m.names(t, "google_firestore_database.aer", "name")[0]},
				{c.Warehouse.BigQuery.Dataset, m.names(t, "google_bigquery_dataset.aer", "dataset_id")[0]},
			} {
				if got[0] != got[1] {
					t.Errorf("the configuration names %s, and the files make %s", got[0], got[1])
				}
			}
			for _, topic := range regexp.MustCompile(project+`topics/([\w-]+)`).FindAllStringSubmatch(text, -1) {
				if !slices.Contains(topics, topic[1]) {
					t.Errorf("nothing makes the topic %s", topic[1])
				}
			}
			secrets := m.names(t, "google_secret_manager_secret.secrets", "secret_id")
			for _, s := range regexp.MustCompile(project+`secrets/([\w-]+)`).FindAllStringSubmatch(text, -1) {
				if !slices.Contains(secrets, s[1]) {
					t.Errorf("nothing makes the secret %s", s[1])
				}
			}
			if want := map[string]string{"observe": aerv1.ModeObserve, "enforce": aerv1.ModeEnforce}[name]; c.Mode != want {
				t.Errorf("mode is %s, want %s", c.Mode, want)
			}
		})
	}
}

var counterName = regexp.MustCompile(`metric_name="(\w+)"`)

// Alerts look at counters that the pipeline has.
func TestAlerts(t *testing.T) {
	var code strings.Builder
	for _, root := range []string{"../../../transforms", "../../../sinks"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				code.Write(read(t, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	counted := 0
	for name, alert := range load(t, given).local(t, "alerts").AsValueMap() {
		for _, c := range counterName.FindAllStringSubmatch(alert.AsValueMap()["query"].AsString(), -1) {
			counted++
			if !regexp.MustCompile(`(NewCounter\([^)]*|= )"` + c[1] + `"`).MatchString(code.String()) {
				t.Errorf("%s: no counter is called %s", name, c[1])
			}
		}
		if alert.AsValueMap()["doc"].AsString() == "" {
			t.Errorf("%s says not what to do", name)
		}
	}
	if counted < 5 {
		t.Errorf("%d counters are looked at", counted)
	}
}
