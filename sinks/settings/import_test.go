// SPDX-License-Identifier: Apache-2.0

package settings_test

import (
	"context"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestImport: a file speaks when it changes, and not over what people chose since.
func TestImport(t *testing.T) {
	ctx := context.Background()
	s := sinktest.NewMemory()
	file := func(version string, want int) {
		t.Helper()
		n, err := settings.Import(ctx, s, []*aerv1.Settings{{OrgId: "O1", Version: version, ChangedBy: "file"}},
			[]*aerv1.Directory{{OrgId: "O1", Name: version}})
		if err != nil || n != want {
			t.Errorf("%d records changed, want %d; %v", n, want, err)
		}
	}
	current := func(want string) {
		t.Helper()
		if got, err := settings.New(s).Get(ctx, "O1"); err != nil || got.GetVersion() != want {
			t.Errorf("version is %q, want %q; %v", got.GetVersion(), want, err)
		}
	}
	file("v1", 2)
	sinktest.Must(t, settings.New(s).Put(ctx, &aerv1.Settings{OrgId: "O1", Version: "mine"}, "v1"))
	file("v1", 0) // as after a restart
	current("mine")
	file("v2", 2)
	current("v2")
	if _, err := settings.Import(ctx, s, []*aerv1.Settings{{OrgId: "O1"}}, nil); err == nil {
		t.Error("settings without a version were imported")
	}
}

// TestBigSettings are refused before they are too big for an audit entry.
func TestBigSettings(t *testing.T) {
	big := &aerv1.Settings{OrgId: "O1", Version: "v1", ChangedBy: strings.Repeat("x", settings.MaxBytes)}
	if err := settings.New(sinktest.NewMemory()).Put(context.Background(), big, ""); err == nil ||
		!strings.Contains(err.Error(), "at most") {
		t.Errorf("error is %v", err)
	}
}
