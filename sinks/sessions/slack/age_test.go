// SPDX-License-Identifier: Apache-2.0

package slack_test

import (
	"context"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sessions/slack"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestJournalIsForgotten: what the adapter writes has a date by which it goes, and protects until then.
func TestJournalIsForgotten(t *testing.T) {
	ctx := context.Background()
	f := newFixture(t)
	f.world.SignIn("O1", "U1", "1", "2")
	a := f.adapter(t, "T1", fast)
	revoke := func(wantCalls bool) {
		t.Helper()
		f.calls = nil
		if _, err := a.Revoke(ctx, request); err != nil || len(f.calls) > 0 != wantCalls {
			t.Errorf("calls %q, %v", f.calls, err)
		}
	}
	revoke(true)
	for _, after := range []time.Duration{29, 31} {
		now := f.now.Add(after * 24 * time.Hour)
		_, err := kv.Forget(ctx, f.journal, slack.Aging(), now, 30*24*time.Hour)
		sinktest.Must(t, err)
		revoke(after == 31)
	}
}
