// SPDX-License-Identifier: Apache-2.0

package sinktest_test

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/sinktest"
)

// The world that other tests rely on must itself honour the contracts.
func TestWorldPassesTheSuites(t *testing.T) {
	t.Run("sessions", func(t *testing.T) {
		sinktest.Sessions(t, func(*testing.T) (sinktest.SessionsUnderTest, func() sinktest.SessionsUnderTest) {
			w := sinktest.NewWorld()
			open := func() sinktest.SessionsUnderTest {
				signIn := func(org, user, id string) { w.SignIn(org, user, id) }
				return sinktest.SessionsUnderTest{Adapter: w, SignIn: signIn, Alive: w.Alive, Grant: w.Grant, Granted: w.Granted}
			}
			return open(), open
		})
	})
	t.Run("notifier", func(t *testing.T) {
		sinktest.Notifier(t, []string{notify.ChannelEmail, notify.ChannelDM},
			func(*testing.T) (sinktest.NotifierUnderTest, func() sinktest.NotifierUnderTest) {
				w := sinktest.NewWorld()
				open := func() sinktest.NotifierUnderTest {
					return sinktest.NotifierUnderTest{Notifier: w, Delivered: func(channel, address string) (count int) {
						for _, n := range w.Messages() {
							if n.GetChannel() == channel && n.GetAddress() == address {
								count++
							}
						}
						return count
					}}
				}
				return open(), open
			})
	})
	t.Run("audit", func(t *testing.T) {
		w := sinktest.NewWorld()
		e := &aerv1.AuditEntry{Id: "A1"}
		if err := w.Append(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if err := w.Append(t.Context(), e); err != nil || len(w.Audit()) != 1 {
			t.Errorf("%d entries, %v", len(w.Audit()), err)
		}
	})
}
