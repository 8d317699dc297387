package setup

import (
	"path/filepath"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/retention"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/enrich"
)

// TestForget: a run leaves both of its stores without what is older than its configuration says, and one without a
// configuration leaves everything.
func TestForget(t *testing.T) {
	for _, c := range []*retention.Config{{Responses: 2, Audit: 2, Settings: 2, Sessions: 2, Journal: 2, Digests: 2}, nil} {
		chosen, dir := kv.NewMemory(), t.TempDir()
		j, err := OpenJudge(Files{Enrich: enrich.DefaultConfig()})
		sinktest.Must(t, err)
		j.store = chosen
		o, err := OpenOutput(t.Context(), Places{Dir: dir, Enforce: true, Retention: c}, j)
		sinktest.Must(t, err)
		for _, s := range []kv.Store{chosen, o.Store} {
			for id, age := range map[string]time.Duration{"old": 72 * time.Hour, "new": time.Hour} {
				sinktest.Must(t, trail.New(s).Append(t.Context(), &aerv1.AuditEntry{
					Id: id, DateCreate: uint32(time.Now().Add(-age).Unix()), Context: &aerv1.AuditContext{Location: &aerv1.AuditLocation{Id: "O1"}},
				}))
			}
		}
		sinktest.Must(t, o.Close())
		own, err := kv.Open(filepath.Join(dir, response.StoreFile), kv.Options{ReadOnly: true})
		sinktest.Must(t, err)
		var left []int
		for _, s := range []kv.Store{chosen, own} {
			all, err := trail.New(s).List(t.Context(), "O1")
			sinktest.Must(t, err)
			left = append(left, len(all))
		}
		sinktest.Must(t, own.Close())
		want := 1
		if c == nil {
			want = 2
		}
		if len(left) != 2 || left[0] != want || left[1] != want {
			t.Errorf("%v entries are left, want %d each", left, want)
		}
	}
}
