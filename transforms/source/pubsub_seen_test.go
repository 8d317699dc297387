// SPDX-License-Identifier: Apache-2.0

package source

import (
	"testing"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
)

var t0 = time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)

func TestSeenTellsWhatComesAgain(t *testing.T) {
	var s seen
	s.follow(0, t0)
	again := func(message uint64, after time.Duration, want bool) {
		t.Helper()
		if got := s.again(message, t0.Add(after)); got != want {
			t.Errorf("message %d after %v: again is %v", message, after, got)
		}
	}
	again(1, 0, false)
	again(1, time.Second, true)
	again(2, 9*time.Minute, false)
	again(1, 10*time.Minute, true)
	again(2, 19*time.Minute, true)  // in the second part by now
	again(1, 30*time.Minute, false) // came last 20 minutes ago
	again(3, 45*time.Minute, false) // forgets what came before
	again(3, 60*time.Minute, true)
	again(2, 61*time.Minute, false)
	s.chain = 7
	s.follow(7, t0)
	again(3, 62*time.Minute, true)
	s.follow(6, t0) // the runner went back to another pull: what came since comes for the first time
	again(3, 62*time.Minute, false)
}

func TestSeenIsBounded(t *testing.T) {
	var s seen
	s.follow(0, t0)
	for i := range uint64(seenMax + 10) {
		s.again(i, t0)
	}
	if len(s.now) != 10 || len(s.before) != seenMax {
		t.Errorf("%d and %d messages are remembered", len(s.now), len(s.before))
	}
}

func TestMessageKey(t *testing.T) {
	m := func(id string, attributes map[string]string) uint64 {
		return messageKey(&pubsubpb.PubsubMessage{MessageId: id, Attributes: attributes}, "id")
	}
	own := map[string]string{"id": "own"}
	if m("1", nil) == m("2", nil) || m("1", own) != m("2", own) || m("1", own) == m("1", nil) {
		t.Error("messages are told apart by something else than their attribute, or else their id")
	}
	if a, b := m("1", nil), m("2", nil); chained(chained(0, a), b) == chained(chained(0, b), a) {
		t.Error("the chain does not show the order")
	}
}
