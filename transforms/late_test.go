// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/source"
)

// lines writes events of ten users a minute apart, and those at the given minutes at the places where they are put.
func lines(t *testing.T, n int, odd map[int]int) string {
	t.Helper()
	var b strings.Builder
	line := func(id string, minute int) {
		fmt.Fprintf(&b, `{"id":%q,"time":%q,"org_id":"O","user_id":"U%d","action":"post"}`+"\n", id,
			testStart.Add(time.Duration(minute)*time.Minute).Format(time.RFC3339), minute%10)
	}
	for i := range n {
		line(fmt.Sprint("e", i), i)
		if minute, is := odd[i]; is {
			line(fmt.Sprint("odd", i), minute)
		}
	}
	path := filepath.Join(t.TempDir(), "events.ndjson")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// An event from years ahead makes nobody late; one from hours before is counted, because its window is gone.
func TestFilesCountWhatIsLate(t *testing.T) {
	for name, c := range map[string]struct {
		odd  map[int]int
		late int64
	}{
		"in order":                         {nil, 0},
		"one from the future":              {map[int]int{3: 10_000_000}, 0},
		"two from the future, of one user": {map[int]int{3: 10_000_000, 50: 10_000_010}, 0},
		"a little out of order":            {map[int]int{60: 55, 90: 82}, 0},
		"one from the past":                {map[int]int{150: 1}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := newSink(t.Name())
			p, s := beam.NewPipelineWithRoot()
			events, _ := source.Ingest(s, source.Config{
				Kind: source.KindFiles, Run: provide(t, t.Name(), witnesses(0)),
				Files: source.Files{Paths: []string{lines(t, 200, c.odd)}, Claim: 7},
				Keep:  source.Keep{WindowMS: 10_000, Lateness: 10 * time.Minute},
			})
			into(s, &sliceSinkFn{t.Name()}, Slices(s, events, 4, 10_000, 10*time.Minute))
			n := runCounted(t, p)
			if n[source.LateCounter] != c.late {
				t.Errorf("%d events are late, want %d", n[source.LateCounter], c.late)
			}
			in := 0
			for _, sl := range collected[*aerv1.Slice](got) {
				in += int(sl.Events)
			}
			// An engine that is behind its source may still take in what the source counts as late.
			if all := 200 + len(c.odd); in < all-int(c.late) || in > all {
				t.Errorf("slices hold %d events, want %d to %d", in, all-int(c.late), all)
			}
		})
	}
}
