// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

// maxProfileBytes is what doc.go promises for a user who exhausts every limit with texts as long as package event
// admits; usualProfileBytes for one whose texts have their usual length.
const (
	maxProfileBytes   = 240 << 10
	usualProfileBytes = 70 << 10
)

// text is a text of its own for every i, padded to size bytes.
func text(i, size int) string {
	s := fmt.Sprintf("%06d", i)
	return s + strings.Repeat("x", max(0, size-len(s)))
}

// exhausting is a week in which everything is new in every slice; texts are of usual length, or as long as may be.
func exhausting(long bool) *Profile {
	size := func(usual int) int {
		if long {
			return 256
		}
		return usual
	}
	p := New(aerv1.OrgID(text(0, size(12))), aerv1.UserID(text(1, size(12))))
	id := 0
	for slice := range 7 * 24 * 6 { // every ten minutes
		acc := activity.NewAccumulator(activity.DefaultWindowMS)
		for i := range 20 {
			id++
			ev := &aerv1.Event{
				Id: text(id, size(36)), OrgId: p.OrgID, UserId: p.UserID, UserType: "external",
				Time: aerv1.Time(activitytest.Monday.Add(time.Duration(slice)*10*time.Minute +
					time.Duration(i)*time.Millisecond)),
				SessionId: text(slice%16, size(20)), Action: "file_downloaded",
				Object:    &aerv1.Object{Type: "file", Id: text(id, 9)},
				ApiMethod: text(id%300, size(24)), CookieTime: aerv1.Time(activitytest.Monday), Bytes: new(uint64),
				Client: &aerv1.Client{
					Ip: text(id, size(15)), UserAgent: text(id, size(120)), DeviceId: text(id, size(36)),
					Ja4: text(id, size(36)), Asn: math.MaxUint32 - uint32(id), Country: text(id, size(2)),
					Facts: &aerv1.ClientFacts{Class: "mobile_app", Family: text(id, min(size(8), 40)),
						Version: text(id, min(size(8), 24)), Os: "chromeos", Hosting: true},
				},
			}
			*ev.Bytes = math.MaxUint32
			if i%2 == 0 {
				ev.Action = "file_viewed"
			}
			acc.Add(ev)
		}
		Apply(p, acc.Batch().Slices[0])
	}
	// A busy hour at the end, so that every minute has a bucket.
	for minute := range 60 {
		ev := &aerv1.Event{
			Id: text(id+minute, size(36)), OrgId: p.OrgID, UserId: p.UserID, Action: "api_call",
			ApiMethod: text(minute, size(24)),
			Time:      aerv1.Time(activitytest.Monday.Add(7*day + time.Duration(minute)*time.Minute)),
		}
		Apply(p, activity.Summarise(ev, activity.DefaultWindowMS))
	}
	return p
}

func TestWorstProfile(t *testing.T) {
	for _, c := range []struct {
		long bool
		most int
	}{{true, maxProfileBytes}, {false, usualProfileBytes}} {
		p := exhausting(c.long)
		raw, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("long texts %v: %d bytes in all", c.long, len(raw))
		if len(raw) > c.most || len(raw) < c.most/2 {
			t.Errorf("the worst profile (long texts: %v) has %d bytes, doc.go says at most %d", c.long, len(raw), c.most)
		}
		for name, n := range map[string][2]int{
			"sessions": {len(p.Sessions), maxSessions}, "clients": {len(p.Things(Clients)), maxKnown},
			"devices":  {len(p.Things(Devices)), maxKnown},
			"networks": {len(p.Things(Networks)), maxKnown}, "countries": {len(p.Things(Countries)), maxKnown},
			"places":       {len(p.Things(Places)), maxKnown},
			"fingerprints": {len(p.Things(Fingerprints)), maxKnown}, "methods": {len(p.Things(Methods)), maxMethods},
			"downloads": {len(p.Downloads.All()), maxObjects}, "reads": {len(p.Reads.All()), maxObjects},
			"minutes":        {len(p.Minutes), minutesKept + 1},
			"recent methods": {len(p.Recent), maxRecentMethods},
		} {
			if n[0] > n[1] {
				t.Errorf("%d %s, at most %d", n[0], name, n[1])
			}
		}
	}
}

// TestTypicalProfileIsSmall: a person with two clients, a few dozen acts a day and a month of history.
func TestTypicalProfileIsSmall(t *testing.T) {
	p := New("O", "U")
	phone := stranger()
	for d := range 30 {
		for i := range 30 {
			ev := event(time.Duration(d)*day+time.Duration(i)*8*time.Minute, "file_viewed", session(fmt.Sprintf("S%d", d/3)),
				object(fmt.Sprintf("F%d", (d*30+i)%60)))
			if i%5 == 0 {
				ev.Client = phone
			}
			if i%3 == 0 {
				ev.Action, ev.ApiMethod = "api_call", fmt.Sprintf("chat.m%d", i%6)
			}
			Apply(p, activity.Summarise(ev, activity.DefaultWindowMS))
		}
	}
	raw, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes", len(raw))
	if len(raw) > 3<<10 {
		t.Errorf("a typical profile has %d bytes", len(raw))
	}
}
