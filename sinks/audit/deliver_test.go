// SPDX-License-Identifier: Apache-2.0

package audit_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/retry"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
)

// listed is a sink that fails on versions as told.
type listed struct {
	got   []string
	fails map[string]error
}

func (l *listed) Append(_ context.Context, e *aerv1.AuditEntry) error {
	v := e.GetDetails().GetSettingsVersion()
	if err := l.fails[v]; err != nil {
		return err
	}
	l.got = append(l.got, v)
	return nil
}

func TestDeliverGoesOnWhereItStopped(t *testing.T) {
	s := sinktest.NewMemory()
	if err := trail.New(s).Append(t.Context(), entry("O1", "of another kind")); err != nil {
		t.Fatal(err)
	}
	before := ""
	for i := range 40 {
		v := fmt.Sprintf("v%02d", i)
		if err := stored.New(s).Put(t.Context(), &aerv1.Settings{OrgId: "O1", Version: v}, before); err != nil {
			t.Fatal(err)
		}
		before = v
	}
	to := &listed{fails: map[string]error{"v20": retry.After(errors.New("down"), 0),
		"v05": retry.Permanent(errors.New("too large"))}}
	deliver := func(want int, fails bool) {
		t.Helper()
		n, err := audit.Deliver(t.Context(), trail.NewReader(s, "r"), aerv1.ActionSettingsChanged, to)
		if n != want || (err != nil) != fails {
			t.Errorf("%d delivered, %v; want %d", n, err, want)
		}
	}
	deliver(19, true)
	deliver(0, true)
	delete(to.fails, "v20")
	deliver(20, false)
	deliver(0, false)
	if len(to.got) != 39 || !slices.IsSorted(to.got) || slices.Contains(to.got, "v05") {
		t.Errorf("delivered %q", to.got)
	}
}
