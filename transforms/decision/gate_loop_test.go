// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// ownAt is a finding about the user's usual client and network, in a session of its own.
func ownAt(minute float64, session string) *aerv1.Anomaly {
	a := anomalyAt(minute, aerv1.TypeTor, session)
	a.EpisodeKey, a.Evidence.ClientUsual, a.Evidence.NetworkUsual = session, true, true
	return a
}

func coolingFor(maxResets uint32, length time.Duration) Env {
	s := respondAll(maxResets)
	s.Limits.Cooldown = durationpb.New(length)
	return Env{Settings: s}
}

// A loop of the user's own is answered max_resets times, then stopped for as long as it goes on and the cooldown
// beyond, though the resets have left the day and then the memory; it covers nobody else, and people are told once.
func TestACooldownOutlivesItsResets(t *testing.T) {
	h, env := &aerv1.UserHistory{}, coolingFor(2, 72*time.Hour)
	const yes, no = aerv1.Decision_RESPOND, aerv1.Decision_COOLDOWN
	for _, c := range []struct {
		hour     float64
		stranger bool
		want     aerv1.Decision_Outcome
		told     bool
		says     string
	}{
		{0, false, yes, false, "Nobody objected"},
		{1, false, yes, false, "Nobody objected"},
		{2, false, no, true, "usual client and network, and the user has been reset 2 times in 24 h, of at most 2."},
		{3, false, no, false, "has been reset 2 times in 24 h, of at most 2."},
		{26, false, no, false, "The same cause goes on in a new session with the user's own usual client and network; its " +
			"responses are stopped until 2026-11-25T03:00:00Z."}, // 72 h after it was last found
		{52, false, no, false, "The same cause goes on; its responses are stopped until 2026-11-26T02:00:00Z."},
		{53, true, yes, false, "Nobody objected"},
		{124, false, yes, false, "Nobody objected"},
	} {
		a := ownAt(60*c.hour, fmt.Sprint("S", c.hour))
		a.Evidence.ClientUsual, a.Evidence.NetworkUsual = !c.stranger, !c.stranger
		_, d := User{}.Apply(h, a, env)
		if d.GetOutcome() != c.want || d.GetEscalate() != c.told || !strings.Contains(d.GetReason(), c.says) {
			t.Errorf("after %v h: %s, people are told: %t, %q", c.hour, d.GetOutcome(), d.GetEscalate(), d.GetReason())
		}
	}
}

// Whenever the user's own client and network are found in new sessions: it is answered unless the day's resets are used
// up or the cause has not been quiet for a cooldown; people are told when one begins.
func TestCooldownsBeginAndEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 4).Draw(t, "max_resets")
		length := rapid.SampledFrom([]time.Duration{10 * time.Minute, time.Hour, 30 * time.Hour}).Draw(t, "cooldown")
		h, env := &aerv1.UserHistory{}, coolingFor(uint32(limit), length)
		var resets []time.Time
		var until time.Time
		minute := 0
		for i := range rapid.IntRange(1, 60).Draw(t, "findings") {
			minute += rapid.SampledFrom([]int{3, 10, 11, 59, 60, 400, 1800}).Draw(t, "gap")
			now := day.Add(time.Duration(minute) * time.Minute)
			ofTheDay := 0
			for _, at := range resets {
				if now.Sub(at) < ResetWindow {
					ofTheDay++
				}
			}
			want, told := aerv1.Decision_RESPOND, false
			if now.Before(until) || ofTheDay >= limit {
				want, told = aerv1.Decision_COOLDOWN, !now.Before(until)
				until = now.Add(length)
			} else {
				resets = append(resets, now)
			}
			_, d := User{}.Apply(h, ownAt(float64(minute), fmt.Sprint("S", i)), env)
			if d.GetOutcome() != want || d.GetEscalate() != told {
				t.Fatalf("finding %d at %s: %s (told: %t), want %s (%t): %s", i, now, d.GetOutcome(), d.GetEscalate(), want,
					told, d.GetReason())
			}
			if want == aerv1.Decision_COOLDOWN && d.Recommendation != adviceCause {
				t.Fatalf("people are advised: %s", d.Recommendation)
			}
		}
	})
}
