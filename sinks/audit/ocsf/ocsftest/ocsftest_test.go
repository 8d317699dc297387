// SPDX-License-Identifier: Apache-2.0

package ocsftest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var published = flag.String("schema", "",
	"folder of the published schema; empty looks at ../shared/data/ocsf-1.5.0 beside the repository")

// folder is where the published schema is, and skips the test where there is none.
func folder(t *testing.T) string {
	t.Helper()
	if *published != "" {
		return *published
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no go.mod above the test")
		}
		dir = parent
	}
	full := filepath.Join(dir, "..", "shared", "data", "ocsf-1.5.0")
	if _, err := os.Stat(filepath.Join(full, "dictionary.json")); err != nil {
		t.Skipf("needs the published schema at ../shared/data/ocsf-1.5.0, or -schema DIR: %v", err)
	}
	return full
}

func rendered(t *testing.T) *Schema {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRenderingIsThePublishedSchema.
func TestRenderingIsThePublishedSchema(t *testing.T) {
	want, err := Compile(os.DirFS(folder(t)), Classes, Objects)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(want) // as in the file: empty maps and lists are left out
	if err != nil {
		t.Fatal(err)
	}
	var again Schema
	if err := json.Unmarshal(raw, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&again, rendered(t)); diff != "" {
		t.Errorf("schema.json is not the published schema: make it again (see the package's documentation) (-published "+
			"+ours):\n%s", diff)
	}
}

// valid is an event with something of everything that is checked.
const valid = `{"activity_id":1,"activity_name":"Create","category_uid":2,"category_name":"Findings","class_uid":2004,"class_name":"Detection Finding",
	"type_uid":200401,"type_name":"Detection Finding: Create","time":1795341600000,"severity_id":99,"severity":"Odd","is_alert":true,
	"metadata":{"version":"1.5.0","product":{"name":"AER","vendor_name":"AER"}},"finding_info":{"uid":"1","title":"x","types":["a"]},
	"evidences":[{"actor":{"user":{"uid":"U1","type_id":1,"type":"User","email_addr":"a@b.example"}},"src_endpoint":{"ip":"203.0.113.7","port":443}}],
	"unmapped":{"anything":[1,{}]}}`

// TestComplaints: each rule of the schema, broken by one change of a valid event.
func TestComplaints(t *testing.T) {
	s := rendered(t)
	if c := s.Complaints([]byte(valid)); c != nil {
		t.Errorf("a valid event: %q", c)
	}
	for _, c := range []struct{ name, old, new, want string }{
		{"no JSON", valid, "{", "no JSON object"},
		{"class", `"class_uid":2004`, `"class_uid":6001`, "class_uid 6001 is not in the rendering"},
		{"version", "1.5.0", "1.4.0", "metadata.version is 1.4.0"},
		{"required", `"finding_info":{"uid":"1",`, `"finding_info":{`, "finding_info.uid is required"},
		{"required but empty", `"uid":"1"`, `"uid":""`, "finding_info.uid is required"},
		{"unknown", `"port":443`, `"prot":443`, "evidences.src_endpoint.prot is unknown to network_endpoint"},
		{"enum", `"type_id":1`, `"type_id":4`, "evidences.actor.user.type_id is 4, which is none of its values"},
		{"enum of the class", `"activity_id":1,`, `"activity_id":7,`, "activity_id is 7"},
		{"sibling", `"type":"User"`, `"type":"member"`, `type_id is 1 and type is "member", want "User"`},
		{"sibling of the category", `"Findings"`, `"Finding"`, `category_uid is 2 and category_name is "Finding"`},
		{"other without a name", `,"severity":"Odd"`, ``, "severity_id is 99 and severity does not say"},
		{"other that says no more", `"Odd"`, `"Other"`, "severity_id is 99 and severity says no more"},
		{"type", `"time":1795341600000`, `"time":"now"`, "time is now, want timestamp_t"},
		{"fraction", `"time":1795341600000`, `"time":1.5`, "time is 1.5, want timestamp_t"},
		{"boolean", `"is_alert":true`, `"is_alert":1`, "is_alert is 1, want boolean_t"},
		{"address", `203.0.113.7`, `nowhere`, "ip is nowhere, want ip_t"},
		{"mail", `a@b.example`, `a`, "email_addr is a, want email_t"},
		{"range", `"port":443`, `"port":70000`, "port is 70000, want port_t"},
		{"list", `"types":["a"]`, `"types":"a"`, "finding_info.types is a list: false, want true"},
		{"object", `"finding_info":{"uid":"1","title":"x","types":["a"]}`, `"finding_info":"x"`,
			"finding_info is x, want an object"},
		{"null", `"is_alert":true`, `"is_alert":null`, "is_alert is <nil>"},
		{"at least one", `"uid":"U1",`, ``, "evidences.actor.user. has none of [account name uid]"},
		{"deprecated", `"title":"x"`, `"title":"x","product_uid":"y"`, "finding_info.product_uid is deprecated"},
		{"profile", `"is_alert":true`, `"action_id":1`, "action_id belongs to the profile security_control"},
		{"profile of others", `"version":`, `"profiles":["nonsense"],"version":`, "metadata.profiles names nonsense"},
		{"profile that demands", `"version":`, `"profiles":["cloud"],"version":`, "cloud is required"},
		{"not rendered", `"is_alert":true`, `"malware":[{}]`,
			"malware is of the type malware, which is not in the rendering"},
	} {
		got := s.Complaints([]byte(strings.Replace(valid, c.old, c.new, 1)))
		if !strings.Contains(strings.Join(got, "\n"), c.want) {
			t.Errorf("%s: complaints are %q, want %q", c.name, got, c.want)
		}
	}
}
