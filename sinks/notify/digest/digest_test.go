// SPDX-License-Identifier: Apache-2.0

package digest_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/digest"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sinktest"
)

// clock is a time that tests move.
type clock struct{ at time.Time }

// What operators start from.
const (
	messages = 5
	window   = 10 * time.Minute
)

func (c *clock) now() time.Time { return c.at }

func gather(t testing.TB, next notify.Notifier, db kv.Store, c *clock) *digest.Notifier {
	t.Helper()
	d, err := digest.New(next, db, digest.Config{AfterMessages: messages, Window: window}, digest.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func note(id string, roles ...string) *aerv1.Notification {
	if len(roles) == 0 {
		roles = []string{aerv1.RoleSecurityAdmin}
	}
	return &aerv1.Notification{Id: id, ResponseId: "D" + id, OrgId: "O1", UserId: "U9", Roles: roles,
		Channel: notify.ChannelEmail, Address: "sam@acme.example",
		Language: "de", Subject: "Ada <" + id + "> wurde abgemeldet", Text: "Text", Time: aerv1.Time(sinktest.T0),
		Link: "aer explain A" + id}
}

func flush(t testing.TB, d *digest.Notifier, want int) {
	t.Helper()
	if sent, err := d.Flush(context.Background()); err != nil || sent != want {
		t.Errorf("%d digests sent, %v; want %d", sent, err, want)
	}
}

// TestConformance: before another notifier it is one, as long as nothing is held back.
func TestConformance(t *testing.T) {
	sinktest.Notifier(t, []string{notify.ChannelEmail},
		func(t *testing.T) (sinktest.NotifierUnderTest, func() sinktest.NotifierUnderTest) {
			world, table := sinktest.NewWorld(), sinktest.NewMemory()
			open := func() sinktest.NotifierUnderTest {
				return sinktest.NotifierUnderTest{Notifier: gather(t, world, table, &clock{sinktest.T0}),
					Delivered: func(channel, address string) (count int) {
						for _, m := range world.Messages() {
							if m.GetChannel() == channel && m.GetAddress() == address {
								count++
							}
						}
						return count
					}}
			}
			return open(), open
		})
}

func TestFlood(t *testing.T) {
	ctx := context.Background()
	world, c := sinktest.NewWorld(), &clock{sinktest.T0}
	d := gather(t, world, sinktest.NewMemory(), c)
	for i := range 8 {
		if err := d.Notify(ctx, note(fmt.Sprint("N", i))); err != nil {
			t.Fatal(err)
		}
		if err := d.Notify(ctx, note(fmt.Sprint("own", i), aerv1.RoleActingUser, aerv1.RoleSecurityAdmin)); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(world.Messages()); got != 5+8 {
		t.Errorf("%d messages at once, want 5 and the 8 to the acting user", got)
	}
	flush(t, d, 0)
	c.at = c.at.Add(window)
	flush(t, d, 1)
	flush(t, d, 0)
	all := world.Messages()
	n := all[len(all)-1]
	want := `Guten Tag,

In kurzer Zeit wurden 3 weitere Nachrichten für Sie geschrieben. Hier stehen sie zusammen, damit sie Ihr Postfach nicht überfluten.


In der Reihenfolge, in der sie geschrieben wurden:
- 22. November 2026, 10:00 Uhr UTC: Ada <N5> wurde abgemeldet (aer explain AN5)
- 22. November 2026, 10:00 Uhr UTC: Ada <N6> wurde abgemeldet (aer explain AN6)
- 22. November 2026, 10:00 Uhr UTC: Ada <N7> wurde abgemeldet (aer explain AN7)

Sie erhalten diese Nachricht, weil Sie O1 verwalten.
`
	if n.GetText() != want || n.GetSubject() != "3 weitere Nachrichten über Abmeldungen in O1" ||
		n.GetAddress() != "sam@acme.example" {
		t.Errorf("digest to %s: %s\n%s", n.GetAddress(), n.GetSubject(), n.GetText())
	}
	if strings.Contains(n.GetHtml(), "<N5>") || !strings.Contains(n.GetHtml(), "&lt;N5&gt;") {
		t.Errorf("HTML is %s", n.GetHtml())
	}
}

func TestLongDigestCountsWhatItDoesNotList(t *testing.T) {
	world, c := sinktest.NewWorld(), &clock{sinktest.T0}
	d := gather(t, world, sinktest.NewMemory(), c)
	for i := range 120 {
		if err := d.Notify(context.Background(), note(fmt.Sprint("N", i))); err != nil {
			t.Fatal(err)
		}
	}
	if sent, err := d.FlushAll(context.Background()); sent != 1 || err != nil {
		t.Fatal(sent, err)
	}
	text := world.Messages()[5].GetText()
	if got := strings.Count(text, "\n- "); got != 50 ||
		!strings.Contains(text, "65 Nachrichten sind hier nicht aufgeführt") {
		t.Errorf("%d lines:\n%s", got, text)
	}
}

// TestServerIsDown: a digest is tried again until it is delivered, or for a day.
func TestServerIsDown(t *testing.T) {
	ctx := context.Background()
	var fail error
	world, c, db := sinktest.NewWorld(), &clock{sinktest.T0}, sinktest.NewMemory()
	d := gather(t, sinktest.FaultyNotifier{Notifier: world, Point: func(string) error { return fail }}, db, c)
	hold := func(round string) {
		for i := range 6 {
			if err := d.Notify(ctx, note(fmt.Sprint(round, i))); err != nil {
				t.Fatal(err)
			}
		}
		c.at = c.at.Add(window)
	}
	hold("a")
	fail = errors.New("connection refused")
	for range 3 {
		if sent, err := d.Flush(ctx); err == nil || sent != 0 {
			t.Errorf("sent %d, %v", sent, err)
		}
	}
	fail = nil
	flush(t, d, 1)
	hold("b")
	fail = retry.Permanent(errors.New("no such user"))
	flush(t, d, 0)
	fail = nil
	flush(t, d, 0)
	hold("c")
	fail = errors.New("connection refused")
	c.at = c.at.Add(24 * time.Hour)
	flush(t, d, 0)
	all := digest.Listed(t, db)
	for i, want := range []ledger.State{ledger.StateDone, ledger.StateFailed, ledger.StateFailed} {
		if all[i].State != want || (want == ledger.StateFailed) != (all[i].Detail != "") {
			t.Errorf("digest %d is %+v, want %s", i, all[i], want)
		}
	}
}

// crash is the end of the process at a point: nothing after it happens.
type crash struct{}

// TestCrashes ends the process at every point of every call, restarts on the same file, and repeats what was not
// acknowledged, as the ledger of responses does. Every message reaches the person exactly once, alone or in a digest.
func TestCrashes(t *testing.T) {
	const messages = 8
	for at := 0; ; at++ {
		world, c := sinktest.NewWorld(), &clock{sinktest.T0}
		path := filepath.Join(t.TempDir(), "aer.db")
		points, crashed := 0, false
		point := func(string) error {
			if points++; points-1 == at && !crashed {
				crashed = true
				panic(crash{})
			}
			return nil
		}
		run := func(s kv.Store, acked map[string]bool) {
			defer func() {
				if r := recover(); r != nil && r != (crash{}) {
					panic(r)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}()
			d := gather(t, sinktest.FaultyNotifier{Notifier: world, Point: point},
				sinktest.FaultyStore{Store: s, Point: point}, c)
			for i := range messages {
				id := fmt.Sprint("N", i)
				if acked[id] {
					continue
				}
				if err := d.Notify(context.Background(), note(id)); err != nil {
					t.Fatal(err)
				}
				acked[id] = true
			}
			c.at = c.at.Add(window)
			if _, err := d.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		acked := map[string]bool{}
		for range 2 {
			s, err := kv.Open(path, kv.Options{})
			if err != nil {
				t.Fatal(err)
			}
			run(s, acked)
		}
		checkOnce(t, world, messages, fmt.Sprint("crash at point ", at))
		if !crashed {
			if at < 2*messages {
				t.Errorf("only %d points were tried", at)
			}
			return
		}
	}
}

// checkOnce checks that each message is told of once.
func checkOnce(t interface{ Errorf(string, ...any) }, world *sinktest.World, messages int, when string) {
	all := ""
	for _, m := range world.Messages() {
		all += m.GetSubject() + "\n" + m.GetText()
	}
	for i := range messages {
		if got := strings.Count(all, fmt.Sprintf("<N%d>", i)); got != 1 {
			t.Errorf("%s: message N%d is told of %d times:\n%s", when, i, got, all)
		}
	}
}

// TestAnyOrder: whatever the order of messages, repetitions, time and flushes, each message is told of once in the end.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const messages = 12
		world, c := sinktest.NewWorld(), &clock{sinktest.T0}
		d := gather(&testing.T{}, world, sinktest.NewMemory(), c)
		told := map[int]bool{}
		for _, step := range rapid.SliceOfN(rapid.IntRange(-3, messages-1), 0, 60).Draw(t, "steps") {
			var err error
			switch {
			case step >= 0:
				told[step] = true
				err = d.Notify(context.Background(), note(fmt.Sprint("N", step)))
			case step == -1:
				c.at = c.at.Add(4 * time.Minute)
			case step == -2:
				_, err = d.Flush(context.Background())
			default:
				_, err = d.FlushAll(context.Background())
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := d.FlushAll(context.Background()); err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range world.Messages() {
			all = append(all, m.GetSubject()+"\n"+m.GetText())
		}
		for i := range messages {
			want := 0
			if told[i] {
				want = 1
			}
			if got := strings.Count(strings.Join(all, ""), fmt.Sprintf("<N%d>", i)); got != want {
				t.Fatalf("message N%d is told of %d times, want %d", i, got, want)
			}
		}
	})
}

func TestRunFlushesAtEveryTick(t *testing.T) {
	world, c := sinktest.NewWorld(), &clock{sinktest.T0}
	d := gather(t, world, sinktest.NewMemory(), c)
	for i := range 6 {
		if err := d.Notify(context.Background(), note(fmt.Sprint("N", i))); err != nil {
			t.Fatal(err)
		}
	}
	c.at = c.at.Add(window)
	ctx, cancel := context.WithCancel(context.Background())
	ticks, done := make(chan time.Time), make(chan struct{})
	go func() { defer close(done); d.Run(ctx, ticks) }()
	ticks <- c.at
	ticks <- c.at // taken only after the first flush
	cancel()
	<-done
	if got := len(world.Messages()); got != 6 {
		t.Errorf("%d messages, want 5 and a digest", got)
	}
}

func TestConfig(t *testing.T) {
	for want, c := range map[string]digest.Config{
		"after_messages: -1": {AfterMessages: -1},
		"window: 0s":         {AfterMessages: 5},
		"window: 240h":       {AfterMessages: 5, Window: 240 * time.Hour},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
	if err := (digest.Config{}).Validate(); err != nil {
		t.Error(err)
	}
}
