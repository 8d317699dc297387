// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	core "github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/profile"
)

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

// TestShow: the thresholds shown are those of the rules, and what is not known is said.
func TestShow(t *testing.T) {
	v := &aerv1.Baseline{Version: "v", ValidFrom: aerv1.Time(monday), ValidUntil: aerv1.Time(monday.AddDate(0, 0, 1))}
	for _, org := range []string{"O", core.Everyone} {
		v.Orgs = append(v.Orgs, &aerv1.BaselineOrg{OrgId: org, Metric: "events", Horizon: "24h", Users: 180})
		for _, metric := range []string{"downloads", "new_downloads"} {
			v.Orgs = append(v.Orgs, &aerv1.BaselineOrg{OrgId: org, Metric: metric, Horizon: "1h", Users: 180,
				P90: 50, P50: 1, Max: 90})
		}
	}
	x := core.NewIndex(v)
	noon := monday.Add(12 * time.Hour)
	find := func(a Answer, metric string) Threshold {
		for _, r := range a.Thresholds {
			if r.Metric == metric {
				return r
			}
		}
		t.Fatalf("no threshold of %s", metric)
		return Threshold{}
	}
	known := find(Show(x, Question{OrgID: "O", At: noon}), "new_downloads_1h")
	if known.Medium != 100 || known.Low != 125 || known.High != 87.5 || known.OrgWeight != 0.9 ||
		known.EveryoneWeight < 0.099 || known.Formula == "" {
		t.Errorf("a known organisation: %+v", known)
	}
	stranger := Show(x, Question{OrgID: "P", UserID: "U", At: noon})
	if r := find(stranger, "new_downloads_1h"); r.Medium != 100 || r.OrgWeight != 0 || r.EveryoneWeight != 1 {
		t.Errorf("an unknown organisation: %+v", r)
	}
	nobody := Show(nil, Question{OrgID: "P", UserID: "U", At: noon})
	if r := find(nobody, "new_downloads_1h"); r.EveryoneWeight != 0 || r.Medium <= 0 || r.weight() != "prior" {
		t.Errorf("without a version: %+v", r)
	}
	p := profile.New("O", "U")
	p.FirstMS = noon.Add(-time.Hour).UnixMilli()
	if r := find(Show(x, Question{OrgID: "O", UserID: "U", At: noon, Profile: p}), "new_downloads_1h"); r.Medium <= 100 {
		t.Errorf("the first hour of an account: %+v", r)
	}
	late := Show(x, Question{OrgID: "O", At: noon.AddDate(0, 0, 9)})
	for what, c := range map[string]struct {
		a    Answer
		says string
	}{"unknown": {stranger, "not known (cold start)"}, "no version": {nobody, "prior"}, "late": {late, "8 days old"}} {
		var b bytes.Buffer
		c.a.Print(term.New(&b))
		if !strings.Contains(strings.Join(strings.Fields(b.String()), " "), c.says) {
			t.Errorf("%s: does not say %q:\n%s", what, c.says, b.String())
		}
	}
}
