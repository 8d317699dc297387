// SPDX-License-Identifier: Apache-2.0

package local_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/detector/detectortest"
)

const (
	proxyPrint = "t13d1812h1_p_2" // which scripts are known for as well
	toolPrint  = "t13d0909h1_t_1"
)

// client is what person i uses: one kind of three, or all the same.
func clientOf(i, kinds int) *aerv1.Client {
	family := []string{"chrome", "firefox", "edge"}[i%kinds]
	return &aerv1.Client{
		Ip: fmt.Sprintf("192.0.2.%d", i+1), UserAgent: family, DeviceId: fmt.Sprint("D", i), Ja4: "t13d1717h2_own_" + family,
		Asn: 64500, Country: "DE",
		Facts: &aerv1.ClientFacts{Class: aerv1.ClassBrowser, Family: family, Version: "1.0", Os: "windows"},
	}
}

// office is thirty days of twelve people and a morning on which client changes for each of them.
func office(kinds int, change func(i int, c *aerv1.Client)) (out []*aerv1.Event) {
	first := time.Date(2026, 10, 1, 9, 0, 0, 0, time.UTC)
	for day := range 31 {
		for i := range 12 {
			c := clientOf(i, kinds)
			if day == 30 {
				change(i, c)
			}
			for k := range 3 {
				at := first.AddDate(0, 0, day).Add(time.Duration(i*7+k*40) * time.Minute)
				out = append(out, &aerv1.Event{
					Id: fmt.Sprintf("%d-%d-%d", day, i, k), Time: aerv1.Time(at), OrgId: "O1", UserId: fmt.Sprint("U", i),
					SessionId: fmt.Sprintf("S%d", i),
					Action:    "file_viewed", Object: &aerv1.Object{Type: "file", Id: fmt.Sprint("F", k)}, Client: c,
					CookieTime: aerv1.Time(first),
				})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *aerv1.Event) int { return a.Time.AsTime().Compare(b.Time.AsTime()) })
	return out
}

// judged are the decisions about events by detectors that all may respond.
func judged(events []*aerv1.Event) []*aerv1.Decision {
	known := &aerv1.Baseline{Version: "b", Fingerprints: detectortest.Shows("O1", aerv1.ClassLibrary,
		"python-requests", proxyPrint, 3)}
	for _, f := range []string{"chrome", "firefox", "edge"} {
		known.Fingerprints = append(known.Fingerprints,
			detectortest.Shows("O1", aerv1.ClassBrowser, f, "t13d1717h2_own_"+f, 30)...)
	}
	s := settings.Default("O1")
	for _, d := range s.Detectors {
		d.Mode = aerv1.DetectorRespond
	}
	e := local.NewEngine(local.Config{Detectors: detector.NewSet(detector.All(), nil),
		Baseline: baseline.NewVersions([]*aerv1.Baseline{known})})
	found := append(e.Add(events), e.Close()...)
	_, decisions := decision.Replay(found,
		decision.Config{Mode: aerv1.ModeReplay, Settings: func(string) *aerv1.Settings { return s }})
	return decisions
}

// A proxy that speaks like a script: whether people have several kinds of client or one, at most two are signed out and
// the admins hear of it.
func TestAProxyRollOutIsACommonCause(t *testing.T) {
	for _, kinds := range []int{1, 3} {
		users, notices := map[string]bool{}, 0
		decisions := judged(office(kinds, func(_ int, c *aerv1.Client) { c.Ja4, c.Ip = proxyPrint, "192.0.2.200" }))
		for _, d := range decisions {
			if decision.WantsReset(d) {
				users[d.UserId] = true
			}
			if d.Outcome == aerv1.Decision_COMMON_CAUSE && d.Escalate {
				notices++
			}
		}
		if len(users) > 2 || notices == 0 || notices > 3 {
			t.Errorf("%d kinds of client: %d people signed out, %d notices: %v", kinds, len(users), notices, decisions)
		}
	}
}

// The same morning with one attacker at work on all of them: all are answered, and it is called by its name.
func TestAnAttackerOfManyIsACampaign(t *testing.T) {
	for _, print := range []string{proxyPrint, toolPrint} {
		users, named := map[string]bool{}, 0
		decisions := judged(office(3, func(_ int, c *aerv1.Client) {
			proto.Reset(c)
			proto.Merge(c, clientOf(0, 1))
			c.Ja4, c.Ip, c.Asn, c.Country, c.DeviceId = print, "198.51.100.7", 64666, "FR", "D-thief"
			c.Facts.Os = "linux"
		}))
		for _, d := range decisions {
			users[d.UserId] = users[d.UserId] || decision.WantsReset(d)
			if d.Outcome == aerv1.Decision_COMMON_CAUSE {
				t.Errorf("%s: %v", print, d)
			}
			if strings.Contains(d.Reason, "a campaign") && d.Escalate && !strings.Contains(d.Reason, "Responding again") {
				named++
			}
		}
		for user, answered := range users {
			if !answered {
				t.Errorf("%s: %s is left to the thief", print, user)
			}
		}
		if len(users) != 12 || named == 0 {
			t.Errorf("%s: %d attacked, named %d times: %v", print, len(users), named, decisions)
		}
	}
}
