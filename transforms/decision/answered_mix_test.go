// SPDX-License-Identifier: Apache-2.0

package decision_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/decision/settings"
	"github.com/aer-project/aer/transforms/detector/apivolume"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// foreign is a method that one of a hundred people calls.
func foreign(i int) string { return fmt.Sprint("admin.m", i) }

// callers is an organisation of a hundred people, who all call what is ordinary.
func callers() *baseline.Index {
	b := &aerv1.Baseline{Orgs: []*aerv1.BaselineOrg{{OrgId: "O", Metric: "events", Horizon: "24h", Users: 100}}}
	for _, ordinary := range []string{"users.info", "files.list"} {
		b.Methods = append(b.Methods, &aerv1.BaselineMethod{OrgId: "O", Class: aerv1.ClassBrowser, Method: ordinary,
			Users: 100, Calls: 50_000})
	}
	for i := range 9 {
		b.Methods = append(b.Methods, &aerv1.BaselineMethod{OrgId: "O", Class: aerv1.ClassBrowser, Method: foreign(i),
			Users: 1, Calls: 1})
	}
	return baseline.NewIndex(b)
}

// account is one person, judged by the calls and decided about as in a replay: nobody's session ends.
type account struct {
	profile  *profile.Profile
	history  *aerv1.UserHistory
	baseline *baseline.Index
	env      decision.Env
}

func newAccount() *account {
	s := settings.Default("O")
	for _, d := range s.Detectors {
		d.Mode = aerv1.DetectorRespond
	}
	return &account{
		profile: detectortest.Input(detectortest.Past(30)).Profile, history: &aerv1.UserHistory{}, baseline: callers(),
		env: decision.Env{Settings: settings.Complete(s), Mode: aerv1.ModeReplay},
	}
}

// call judges one call and says what comes of it.
func (p *account) call(after time.Duration, c *aerv1.Client, session, method string) *aerv1.Decision {
	in := &evidence.Input{Profile: p.profile, Baseline: p.baseline}
	in.Slice = activity.Summarise(detectortest.Event(after, c, session, "api_call", method), activity.DefaultWindowMS)
	profile.Apply(p.profile, in.Slice)
	_, d := decision.User{}.Apply(p.history, apivolume.Detector{Config: apivolume.DefaultConfig()}.Judge(in), p.env)
	return d
}

// After a mix that was answered and silence, the owner's work leads to no second answer, be there a call or two of what
// the thief had called among it; a thief who comes back is answered again.
func TestAnAnsweredMixIsAnsweredOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, at, answers := newAccount(), time.Duration(0), 0
		thief := detectortest.Firefox()
		thief.Ip, thief.Asn, thief.DeviceId = "203.0.113.9", 64501, "D-thief"
		methods := rapid.IntRange(1, 9).Draw(t, "methods")
		for i := range rapid.IntRange(20, 50).Draw(t, "stolen") {
			if decision.WantsReset(p.call(at, thief, "T", foreign(i%methods))) {
				answers++
			}
			at += time.Duration(rapid.IntRange(1, 9).Draw(t, "gap")) * time.Second
		}
		if answers == 0 {
			t.Fatal("the thief was not answered")
		}
		at += decision.Pause
		for i := range rapid.IntRange(1, 30).Draw(t, "own") {
			method := rapid.SampledFrom([]string{"users.info", "users.info", "files.list"}).Draw(t, "method")
			if i == 3 {
				method = foreign(0)
			}
			if d := p.call(at, detectortest.Firefox(), rapid.SampledFrom([]string{"P", "later"}).Draw(t, "session"),
				method); decision.WantsReset(d) {
				t.Fatalf("the owner at %v: %s", at, d.Reason)
			}
			at += time.Duration(rapid.IntRange(5, 120).Draw(t, "pause")) * time.Second
		}
		at += decision.ReopenSpacing
		for i := range 9 {
			if decision.WantsReset(p.call(at, thief, "T2", foreign(i))) {
				return
			}
			at += time.Second
		}
		t.Fatal("the thief came back unnoticed")
	})
}
