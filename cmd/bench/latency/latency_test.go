// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/pstest"

	"github.com/aer-project/aer/cmd/aer/term"
	"github.com/aer-project/aer/transforms/event"
)

func TestQuantile(t *testing.T) {
	l := Lane{Attacks: 100}
	for i := range 99 {
		l.Took = append(l.Took, time.Duration(99-i)*time.Second)
	}
	for share, want := range map[float64]time.Duration{
		0.5: 50 * time.Second, 0.99: 99 * time.Second, 0.01: time.Second,
		1: 0, // one was not answered
	} {
		if got := l.Quantile(share); got != want {
			t.Errorf("quantile %v is %v, want %v", share, got, want)
		}
	}
}

func TestPrint(t *testing.T) {
	var out strings.Builder
	Result{Rate: 1000, Lanes: []Lane{{Name: fast, Attacks: 3, Took: []time.Duration{3e8, 4e8, 15e8}}}}.Print(term.New(&out))
	for _, want := range []string{"400 ms", "1.5 s", "500 ms        2", strings.Repeat("█", barMax)} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// What is published late has the time at which it was due, and nothing is left out for it.
func TestTimetableDoesNotWait(t *testing.T) {
	b, err := newBus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer b.server.Close()
	from := time.Now().Add(-2 * time.Second).Truncate(time.Microsecond)
	var told []attack
	l := &load{bus: b, rate: 2500, attackEvery: 500 * time.Millisecond, begins: from.Add(time.Second),
		random: rand.New(rand.NewPCG(1, 1)), told: func(a attack) { told = append(told, a) }}
	l.run(t.Context(), from, from.Add(2*time.Second))
	events := map[string]int{}
	for _, m := range b.server.Messages() {
		count(t, events, m)
	}
	if events["U"] != 5000 || events["tor-1"] != 1 || events["scraper-2"] != scraped || len(told) != 4 {
		t.Errorf("%d ordinary events, %v, %d attacks", events["U"], events, len(told))
	}
	if !told[0].at.Equal(from.Add(time.Second)) {
		t.Errorf("first attack at %v, want one second after %v", told[0].at, from)
	}
}

// count counts the events of a message by user, the ordinary ones together.
func count(t *testing.T, events map[string]int, m *pstest.Message) {
	t.Helper()
	list, dead := event.Decode(m.Data, event.Source{}, event.Options{})
	if len(dead) > 0 {
		t.Fatalf("%s: %s", dead[0].Detail, m.Data)
	}
	for _, ev := range list {
		user := ev.UserId
		if strings.HasPrefix(user, "U") {
			user = "U"
		}
		events[user]++
		if m.Attributes[timeAttribute] != ev.Time.AsTime().Format(time.RFC3339Nano) {
			t.Fatalf("the message says %s, its event %v", m.Attributes[timeAttribute], ev.Time.AsTime())
		}
	}
}
