// SPDX-License-Identifier: Apache-2.0

package directory_test

import (
	"context"
	"fmt"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestDirectory(t *testing.T) { sinktest.Engines(t, suite) }

func TestIntegrationFirestore(t *testing.T) { sinktest.OnFirestoreEmulator(t, suite) }

func suite(t *testing.T, open sinktest.Open[kv.Store]) {
	ctx := context.Background()
	s, reopen := open(t)
	_, err := directory.New(s).Get(ctx, "O1")
	sinktest.WantIs(t, err, kv.ErrNotFound)
	for i, org := range sinktest.HostileIDs {
		sinktest.Must(t, sinktest.PutPeople(ctx, s, &aerv1.Directory{OrgId: org, Name: "replaced"}))
		sinktest.Must(t,
			sinktest.PutPeople(ctx, s, &aerv1.Directory{OrgId: org, Name: fmt.Sprint("n", i),
				People: []*aerv1.Person{{UserId: "U1"}}}))
	}
	d := directory.New(reopen())
	for i, org := range sinktest.HostileIDs {
		got, err := d.Get(ctx, aerv1.OrgID(org))
		sinktest.Must(t, err)
		want := &aerv1.Directory{OrgId: org, Name: fmt.Sprint("n", i), People: []*aerv1.Person{{UserId: "U1"}}}
		if diff := gocmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Errorf("directory of %q (-want +got):\n%s", org, diff)
		}
	}
	all, err := d.All(ctx)
	sinktest.Must(t, err)
	if len(all) != len(sinktest.HostileIDs) || len(all[0].GetPeople()) != 1 {
		t.Errorf("%d directories, want %d with their people", len(all), len(sinktest.HostileIDs))
	}
	if sinktest.PutPeople(ctx, s, &aerv1.Directory{}) == nil {
		t.Error("a directory without organisation was accepted")
	}
	sinktest.WantIs(t, sinktest.PutPeople(sinktest.Cancelled(), s, &aerv1.Directory{OrgId: "O9"}), context.Canceled)
}
