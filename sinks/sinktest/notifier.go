// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"fmt"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
)

// NotifierUnderTest is a notifier with the means to look behind it.
type NotifierUnderTest struct {
	Notifier notify.Notifier
	// Delivered returns how many messages an address got on a channel.
	Delivered func(channel, address string) int
}

// SomeNotification is a notification that can be delivered.
func SomeNotification(id, channel, address string) *aerv1.Notification {
	return &aerv1.Notification{Id: id, ResponseId: "R1", OrgId: "O1", UserId: "U1", Channel: channel, Address: address,
		Roles: []string{aerv1.RoleActingUser}, Language: "en", Subject: "You were signed out",
		Text: "Hello,\n\nyou were signed out.\n",
		Html: "<p>Hello,</p>", Time: aerv1.Time(T0)}
}

// Notifier checks an implementation of notify.Notifier that carries the given channels.
func Notifier(t *testing.T, channels []string, open Open[NotifierUnderTest]) {
	ctx := context.Background()
	for _, channel := range channels {
		address := "u1@example.com"
		if channel == notify.ChannelDM {
			address = "U1"
		}
		want := func(t *testing.T, n NotifierUnderTest, count int) {
			t.Helper()
			if got := n.Delivered(channel, address); got != count {
				t.Errorf("%d messages delivered, want %d", got, count)
			}
		}
		t.Run(channel+" once per id", func(t *testing.T) {
			n, reopen := open(t)
			Together(func(int) {
				if err := n.Notifier.Notify(ctx, SomeNotification("N1", channel, address)); err != nil {
					t.Error(err)
				}
			})
			n = reopen()
			Must(t, n.Notifier.Notify(ctx, SomeNotification("N1", channel, address)))
			want(t, n, 1)
			Must(t, n.Notifier.Notify(ctx, SomeNotification("N2", channel, address)))
			want(t, n, 2)
		})
		t.Run(channel+" hostile ids are apart", func(t *testing.T) {
			n, _ := open(t)
			for i, id := range HostileIDs {
				m := SomeNotification(id, channel, address)
				m.UserId, m.OrgId = id, id
				Must(t, n.Notifier.Notify(ctx, m))
				want(t, n, i+1)
			}
		})
		t.Run(channel+" cancelled delivers nothing", func(t *testing.T) {
			n, _ := open(t)
			WantIs(t, n.Notifier.Notify(Cancelled(), SomeNotification("N1", channel, address)), context.Canceled)
			want(t, n, 0)
		})
		t.Run(channel+" bad messages are permanent errors", func(t *testing.T) {
			n, _ := open(t)
			bad := []*aerv1.Notification{nil, SomeNotification("", channel, address), SomeNotification("N1", channel, ""),
				SomeNotification("N1", "pigeon", address)}
			if channel == notify.ChannelEmail {
				for _, a := range []string{"nobody", "a@example.com\r\nBcc: b@example.com", "A <a@example.com>",
					"a@example.com, b@example.com"} {
					bad = append(bad, SomeNotification(fmt.Sprint("N", a), channel, a))
				}
			}
			for _, m := range bad {
				if err := n.Notifier.Notify(ctx, m); err == nil || retry.Recoverable(err) {
					t.Errorf("message %q to %q: error is %v, want a permanent one", m.GetId(), m.GetAddress(), err)
				}
			}
			want(t, n, 0)
		})
	}
}
