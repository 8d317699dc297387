// SPDX-License-Identifier: Apache-2.0

package detectortest

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Judge is d.Judge(in), checked against what holds for every detector whatever it is given: it changes nothing that it
// is given, says the same when asked again, says no less at a higher sensitivity and no more at a lower one, and what
// it finds can be checked by hand and traced back (Incomplete).
func Judge(
	t testing.TB, d interface {
		Judge(*evidence.Input) *aerv1.Anomaly
	}, in *evidence.Input,
) *aerv1.Anomaly {
	t.Helper()
	ask := func(choice evidence.Choice) *aerv1.Anomaly {
		c := *in
		c.Choice = choice
		return d.Judge(&c)
	}
	before := stored(t, in.Profile)
	a := check(t, in.Choice, ask, in.Slice)
	if !bytes.Equal(before, stored(t, in.Profile)) {
		t.Error("the detector changed the profile")
	}
	complete(t, a, in.Slice, nil)
	return a
}

func stored(t testing.TB, p *profile.Profile) []byte {
	raw, err := p.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// JudgeEvent is Judge for single events.
func JudgeEvent(
	t testing.TB, d interface {
		JudgeEvent(*evidence.EventInput) *aerv1.Anomaly
	}, in *evidence.EventInput,
) *aerv1.Anomaly {
	t.Helper()
	ask := func(choice evidence.Choice) *aerv1.Anomaly {
		c := *in
		c.Choice = choice
		return d.JudgeEvent(&c)
	}
	a := check(t, in.Choice, ask, in.Event)
	complete(t, a, nil, in.Event)
	return a
}

// check asks a detector about what it is given, and again at every sensitivity.
func check(
	t testing.TB, choice evidence.Choice, ask func(evidence.Choice) *aerv1.Anomaly, given ...proto.Message,
) *aerv1.Anomaly {
	t.Helper()
	var before []proto.Message
	for _, m := range given {
		before = append(before, proto.Clone(m))
	}
	a := ask(choice)
	if diff := cmp.Diff(a, ask(choice), protocmp.Transform()); diff != "" {
		t.Errorf("asked again the detector says another thing:\n%s", diff)
	}
	low, medium := ask(evidence.Chosen(aerv1.SensitivityLow)), ask(evidence.Chosen(aerv1.SensitivityMedium))
	high := ask(evidence.Chosen(aerv1.SensitivityHigh))
	if Weaker(medium, low) || Weaker(high, medium) {
		t.Errorf("low %q, medium %q, high %q: more sensitive says less", Strength(low), Strength(medium), Strength(high))
	}
	if !slices.EqualFunc(before, given, proto.Equal) {
		t.Error("the detector changed its input")
	}
	return a
}

func complete(t testing.TB, a *aerv1.Anomaly, s *aerv1.Slice, ev *aerv1.Event) {
	t.Helper()
	if a == nil {
		return
	}
	if err := Incomplete(a, s, ev); err != nil {
		t.Errorf("%v: %v", err, a)
	}
}

// Weaker says whether a may do less than b: corroborate, be logged, act.
func Weaker(a, b *aerv1.Anomaly) bool { return rank(a) < rank(b) }

func rank(a *aerv1.Anomaly) int {
	return slices.Index([]string{"", "witness", "hint", "log", "act"}, Strength(a))
}

// coReasons are the reasons that must come with another.
var coReasons = map[string]string{
	"asn": "ip_address", "unexpected_user_agent": "user_agent", "spoofed_user_agent": "unexpected_client",
}

// Incomplete says what a finding about a slice or an event lacks to be checked by hand and traced back.
func Incomplete(a *aerv1.Anomaly, s *aerv1.Slice, ev *aerv1.Event) error {
	e := a.Evidence
	start, end, user := ev.GetTime().AsTime(), ev.GetTime().AsTime(), ev.GetUserId()
	if s != nil {
		start, end, user = time.UnixMilli(s.WindowStartMs), time.UnixMilli(profile.EndMS(s)), s.UserId
	}
	switch {
	case len(a.Id) != 36, a.UserId != user, a.OrgId == "":
		return fmt.Errorf("id %q, org %q, user %q", a.Id, a.OrgId, a.UserId)
	case len(a.Reasons) == 0, a.Reasons[0] != a.Type:
		return fmt.Errorf("reasons %v", a.Reasons)
	case !slices.Contains([]string{"low", "medium", "high", "critical"}, a.Severity),
		!(a.Confidence > 0 && a.Confidence <= 1 || a.Hint && a.Confidence == 0), !(a.Magnitude > 0):
		return fmt.Errorf("severity %q, confidence %v, magnitude %v", a.Severity, a.Confidence, a.Magnitude)
	case e.Signal == "", e.Unit == "", e.Formula == "", e.FormulaFilled == "", a.Summary == "":
		return fmt.Errorf("evidence %v, summary %q", e, a.Summary)
	case !(e.Threshold > 0), !(e.Observed >= 0):
		return fmt.Errorf("observed %v, threshold %v", e.Observed, e.Threshold)
	case !a.KnownAt.AsTime().Equal(end):
		return fmt.Errorf("known at %v, window or event ends at %v", a.KnownAt.AsTime(), end)
	case a.Time.AsTime().Before(start), a.Time.AsTime().After(end):
		return fmt.Errorf("evidence at %v, outside of %v to %v", a.Time.AsTime(), start, end)
	case len(a.EventIds) == 0, len(a.EventIds) > 16:
		return fmt.Errorf("%d event ids", len(a.EventIds))
	}
	for _, r := range a.Reasons {
		if c := coReasons[r]; c != "" && !slices.Contains(a.Reasons, c) {
			return fmt.Errorf("reasons %v: %s needs %s", a.Reasons, r, c)
		}
	}
	_, err := aerv1.MarshalJSONLine(a)
	return err
}
