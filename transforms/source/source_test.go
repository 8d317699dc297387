// SPDX-License-Identifier: Apache-2.0

package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"google.golang.org/protobuf/proto"
)

// good is an event of some second after ten.
func good(id, second int) string {
	return fmt.Sprintf(`{"id":"e-%d","time":"2026-11-22T10:00:%02dZ","org_id":"O1","user_id":"U1","action":"user_login"}`,
		id, second)
}

// garbage is one piece of each kind of input that is not an event.
var garbage = []string{
	"", "\x00\x01\x02\xff", `{"id":"e`, `{"id":"e","id":"f"}`, `{"id":NaN}`, `{"id":1,"time":2}`,
	"[1,2,3]", `{"id":"\xff"}`,
	`{"id":"e","time":"yesterday","org_id":"O","user_id":"U","action":"a"}`, "\x28\xb5\x2f\xfdnot zstd",
	"\x1f\x8bnot gzip",
	strings.Repeat("[", 1000), `{"id":"` + strings.Repeat("x", 2<<20) + `"}`,
}

// delivered is a message as Dataflow's source delivers it.
func delivered(t *testing.T, id string, data []byte) []byte {
	t.Helper()
	raw, err := proto.Marshal(&pubsubpb.PubsubMessage{MessageId: id, Data: data})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Garbage never stops a run, and each piece of it is accounted for.
func TestIngestAccountsForEverything(t *testing.T) {
	var messages []any
	for i, g := range garbage {
		messages = append(messages, delivered(t, fmt.Sprint("bad", i), []byte(g)),
			delivered(t, fmt.Sprint("good", i), []byte(good(i, i))))
	}
	run, _ := start(t)
	p, s := beam.NewPipelineWithRoot()
	events, dead := beam.ParDo2(s, &dataflowFn{Subscription: "test", Intake: intake{Run: run}},
		beam.Reshuffle(s, beam.Create(s, messages...)))
	got := collect(t, s, events, dead)
	n := runCounted(t, p)

	if evs := got.evs; len(evs) != len(garbage) {
		t.Errorf("%d events, want %d", len(evs), len(garbage))
	}
	offsets := map[string]bool{}
	for _, d := range got.dead {
		offsets[strings.SplitN(d.Offset, "#", 2)[0]] = true
		if d.Reason == "" || d.Source != "test" {
			t.Errorf("dead letter without reason or source: %v", d)
		}
	}
	for i := range garbage {
		if !offsets[fmt.Sprint("bad", i)] {
			t.Errorf("%.40q is not accounted for", garbage[i])
		}
	}
	if len(offsets) != len(garbage) {
		t.Errorf("dead letters of %d messages, want %d", len(offsets), len(garbage))
	}
	if n["messages"] != int64(len(messages)) || n["events"] != int64(len(garbage)) ||
		n["dead_letters"] < int64(len(garbage)) {
		t.Errorf("counters are %v", n)
	}
}

// Files are read so many records at a time, merged by time.
func TestFilesAreReadOnceAndInOrder(t *testing.T) {
	dir := t.TempDir()
	var paths []string
	for f := range 2 {
		var b strings.Builder
		for i := range 25 {
			line := good(f*100+i, 2*i+f) + "\n"
			if i%10 == 3 {
				line = strings.Replace(line, `"action"`, `"client":{"country":"Germany"},"action"`, 1)
			}
			b.WriteString(line)
		}
		b.WriteString("garbage\n")
		paths = append(paths, filepath.Join(dir, fmt.Sprintf("%d.ndjson", f)))
		if err := os.WriteFile(paths[f], []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p, s := beam.NewPipelineWithRoot()
	run, _ := start(t)
	events, dead := Ingest(s, Config{Kind: KindFiles, Run: run, Files: Files{Paths: paths, Claim: 7}})
	got := collect(t, s, events, dead)
	counts := runCounted(t, p)
	ids := map[string]bool{}
	for _, ev := range got.evs {
		ids[ev.Id] = true
	}
	if n := len(got.evs); n != 50 || len(ids) != 50 {
		t.Errorf("%d events, %d different: want 50 of each", n, len(ids))
	}
	if n := len(got.dead); n != 2 {
		t.Errorf("%d dead letters, want 2", n)
	}

	if got := counts["unreadable_client_country"]; got != 6 { // i is 3, 13 or 23
		t.Errorf("%d countries that cannot be read, want 6", got)
	}
}
