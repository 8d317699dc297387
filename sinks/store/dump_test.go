package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/store"
)

func TestDump(t *testing.T) {
	ctx := context.Background()
	s := store.NewMemory()
	for _, org := range []string{"a", "a/b"} {
		audit := entry("A1")
		audit.Context.Location.Id = org
		_, err := s.Ledger().Begin(ctx, store.Key{OrgID: org, ResponseID: "R1", Kind: "revoke"}, sinktest.T0)
		if err := errors.Join(err, s.Settings().Put(ctx, &aerv1.Settings{OrgId: org, Version: "v1"}, ""),
			s.Directory().Put(ctx, &aerv1.Directory{OrgId: org}), s.Audit().Append(ctx, audit),
			s.Sessions().Start(ctx, store.Session{OrgID: org, UserID: "U1", SessionID: "S1"})); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range store.DumpKinds() {
		for org, want := range map[string]int{"": 2, "a": 1, "a/b": 1, "b": 0} {
			if kind == "audit" {
				want *= 2 // the settings that were put left an entry too
			}
			var b strings.Builder
			if err := s.Dump(ctx, &b, kind, org); err != nil {
				t.Fatal(err)
			}
			if strings.Count(b.String(), "\n") != want || org == "a" && strings.Contains(b.String(), "a/b") {
				t.Errorf("%s of %q:\n%s", kind, org, b.String())
			}
		}
	}
	if err := s.Dump(ctx, &strings.Builder{}, "secrets", ""); err == nil || !strings.Contains(err.Error(), "want one of audit, directory") {
		t.Errorf("error is %v", err)
	}
}
