// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// BenchmarkProfileApply records slices: of many people who do little, of few who do much, and of one who has touched
// more objects than are remembered. ns/op is for one slice.
func BenchmarkProfileApply(b *testing.B) {
	for name, s := range map[string]activitytest.Stream{
		"sparse": {Seed: 1, Events: 20_000, Users: 2000, Objects: 20_000, Span: 5 * day},
		"dense":  {Seed: 1, Events: 20_000, Users: 20, Objects: 500, Span: 6 * time.Hour},
		"heavy":  {Seed: 1, Events: 20_000, Users: 1, Objects: 20_000, Span: 20 * day},
	} {
		b.Run(name, func(b *testing.B) {
			list := batches(s.Make())
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				sh := NewShard()
				b.StartTimer()
				for _, batch := range list {
					sh.Apply(batch, nil)
				}
			}
			n := 0
			for _, batch := range list {
				n += len(batch.Slices)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/slice")
		})
	}
}

// again is a profile of a month, and what its owner does on one more day.
func again() (*Profile, []*aerv1.Slice) {
	p := New("O", "U")
	var next []*aerv1.Slice
	for d := range 30 {
		next = next[:0]
		for i := range 24 {
			ev := event(time.Duration(d)*day+time.Duration(i)*time.Minute, "file_viewed", object(fmt.Sprintf("F%d", i%8)))
			if i%3 == 0 {
				ev.Action, ev.ApiMethod = "api_call", fmt.Sprintf("chat.m%d", i%6)
			}
			next = append(next, activity.Summarise(ev, activity.DefaultWindowMS))
		}
		for _, s := range next {
			Apply(p, s)
		}
	}
	return p, next
}

// BenchmarkAgain records what brings nothing new: the usual case.
func BenchmarkAgain(b *testing.B) {
	p, next := again()
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		Apply(p, next[i%len(next)])
		i++
	}
}

// TestWhatBringsNothingNewTakesNoMemory, however often it comes.
func TestWhatBringsNothingNewTakesNoMemory(t *testing.T) {
	p, next := again()
	if n := testing.AllocsPerRun(100, func() {
		for _, s := range next {
			Apply(p, s)
		}
	}); n != 0 {
		t.Errorf("%v objects for %d slices", n, len(next))
	}
}
