// SPDX-License-Identifier: Apache-2.0

package sessions_test

import (
	"context"
	"errors"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestEmbedded(t *testing.T) {
	sinktest.Sessions(t, sinktest.On(sinktest.OpenBolt, func(s kv.Store) sinktest.SessionsUnderTest {
		return underTest(t, sessions.NewTable(s))
	}))
}

func underTest(t *testing.T, table sessions.Table) sinktest.SessionsUnderTest {
	ctx := context.Background()
	return sinktest.SessionsUnderTest{
		Adapter: sessions.NewEmbedded(table, func() time.Time { return sinktest.T0.Add(time.Hour) }),
		SignIn: func(org, user, id string) {
			err := table.Start(ctx, sessions.Session{OrgID: aerv1.OrgID(org), UserID: aerv1.UserID(user),
				SessionID: aerv1.SessionID(id), StartedAt: sinktest.T0})
			if err != nil {
				t.Fatal(err)
			}
		},
		Alive: func(org, user string) (ids []string) {
			all, err := table.List(ctx, aerv1.OrgID(org), aerv1.UserID(user))
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range all {
				if s.EndedAt.IsZero() {
					ids = append(ids, string(s.SessionID))
				}
			}
			return ids
		},
	}
}

func TestEmbeddedOnAFailingTable(t *testing.T) {
	boom := errors.New("disk full")
	e := sessions.NewEmbedded(sessions.NewTable(kv.Failing{Err: boom}), time.Now)
	_, err := e.Revoke(context.Background(), sessions.Request{Key: "k", OrgID: "O1", UserID: "U1"})
	if !errors.Is(err, boom) || !retry.Recoverable(err) {
		t.Errorf("error is %v", err)
	}
}
