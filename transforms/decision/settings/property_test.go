// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// few words and moments, so that entries of lists meet again and again.
var (
	remark = rapid.SampledFrom([]string{"", "a: b"})
	end    = rapid.SampledFrom([]*timestamppb.Timestamp{nil, aerv1.Time(time.Unix(0, 0)), aerv1.Time(time.UnixMicro(1)),
		aerv1.Time(time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC))})
	network = rapid.Custom(func(t *rapid.T) *aerv1.TrustedNetwork {
		n := &aerv1.TrustedNetwork{Reason: remark.Draw(t, "reason"), Author: remark.Draw(t, "author"),
			Expires: end.Draw(t, "expires")}
		if n.Cidr = rapid.SampledFrom([]string{"", "10.0.0.0/8"}).Draw(t, "cidr"); n.Cidr == "" {
			n.Asn = 64500
		}
		return n
	})
	exclusion = rapid.Custom(func(t *rapid.T) *aerv1.Exclusion {
		e := &aerv1.Exclusion{Reason: remark.Draw(t, "reason"), Author: remark.Draw(t, "author"),
			Expires: end.Draw(t, "expires"), Detector: rapid.SampledFrom([]string{"", aerv1.TypeTor}).Draw(t, "detector")}
		if e.UserId = rapid.SampledFrom([]string{"", "U1"}).Draw(t, "user"); e.UserId == "" {
			e.Group = "ops"
		}
		return e
	})
	clearance = rapid.Custom(func(t *rapid.T) *aerv1.Clearance {
		from := time.UnixMicro(rapid.Int64Range(0, 1).Draw(t, "from"))
		return &aerv1.Clearance{UserId: rapid.SampledFrom([]string{"U1", "U2"}).Draw(t, "user"), From: aerv1.Time(from),
			Until: aerv1.Time(from.Add(rapid.SampledFrom([]time.Duration{time.Microsecond, MaxClearance}).
				Draw(t, "length"))),
			Reason: remark.Draw(t, "reason"), Author: remark.Draw(t, "author")}
	})
)

// chosen are settings as somebody might put them together by hand: every choice possible, lists in any order.
func chosen(t *rapid.T) *aerv1.Settings {
	s := Default("O1")
	for _, name := range aerv1.AnomalyTypes {
		s.Detectors[name] = &aerv1.DetectorSettings{
			Mode:           rapid.SampledFrom([]string{"off", "log", "respond"}).Draw(t, "mode"),
			Sensitivity:    rapid.SampledFrom([]string{"low", "medium", "high"}).Draw(t, "sensitivity"),
			ExcludedUsers:  rapid.SliceOfN(word, 0, 2).Draw(t, "users"),
			ExcludedGroups: rapid.SliceOfN(rapid.SampledFrom([]string{"G1", "G2"}), 0, 2).Draw(t, "groups"),
		}
	}
	s.Trusted = rapid.SliceOfN(network, 0, 4).Draw(t, "trusted")
	s.Exclusions = rapid.SliceOfN(exclusion, 0, 4).Draw(t, "exclusions")
	s.Clearances = rapid.SliceOfN(clearance, 0, 4).Draw(t, "clearances")
	for _, c := range []*aerv1.Channels{s.Notify.OrgPrimaryOwner, s.Notify.SecurityAdmins} {
		c.Email, c.Dm = rapid.Bool().Draw(t, "email"), rapid.Bool().Draw(t, "dm")
	}
	s.Limits = &aerv1.Limits{MaxResets: rapid.Uint32Range(1, MaxMaxResets).Draw(t, "max_resets"),
		Cooldown: durationpb.New(time.Duration(
			rapid.Int64Range(int64(MinCooldown), int64(MaxCooldown)).Draw(t, "cooldown"))),
		BudgetMin:      rapid.Uint32Range(1, maxBudgetMin).Draw(t, "budget_min"),
		BudgetFraction: rapid.Float64Range(0, 1).Draw(t, "budget_fraction"),
		BudgetWindow: durationpb.New(rapid.SampledFrom([]time.Duration{MinBudgetWindow, MaxBudgetWindow}).
			Draw(t, "budget_window"))}
	s.Apps = rapid.SampledFrom([]string{"", aerv1.AppsOff, aerv1.AppsRespond}).Draw(t, "apps")
	if rapid.Bool().Draw(t, "session") {
		s.Response = &aerv1.ResponseSettings{Scope: aerv1.ScopeSession}
	}
	return s
}

// checked is what s is in its one form.
func checked(t *rapid.T, s *aerv1.Settings) *aerv1.Settings {
	out, err := Check(s)
	if err != nil {
		t.Fatalf("%v\n%s", err, Render([]*aerv1.Settings{s}))
	}
	return out
}

// TestOrderMakesNoVersion: whoever writes the same choices in another order, or twice, has chosen the same.
func TestOrderMakesNoVersion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := chosen(t)
		once := checked(t, s)
		s.Trusted = rapid.Permutation(append(s.Trusted, s.Trusted...)).Draw(t, "networks")
		s.Exclusions = rapid.Permutation(append(s.Exclusions, s.Exclusions...)).Draw(t, "excluded")
		s.Clearances = rapid.Permutation(append(s.Clearances, s.Clearances...)).Draw(t, "cleared")
		for _, d := range s.Detectors {
			d.ExcludedUsers = rapid.Permutation(append(d.ExcludedUsers, d.ExcludedUsers...)).Draw(t, "people")
		}
		if diff := cmp.Diff(once, checked(t, s), protocmp.Transform()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// TestCheckedSettingsAreFinal: reading, completing and checking them again change nothing, their version least of all.
func TestCheckedSettingsAreFinal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := checked(t, chosen(t))
		for what, again := range map[string]*aerv1.Settings{"checking": checked(t, s), "completing": Complete(s)} {
			if diff := cmp.Diff(s, again, protocmp.Transform()); diff != "" {
				t.Fatalf("%s: %s", what, diff)
			}
		}
		other := proto.Clone(s).(*aerv1.Settings)
		other.OrgId, other.Version, other.ChangedBy, other.ChangedAt = "O2", "old", "kim", aerv1.TimeMS(1)
		if Version(other) != s.Version {
			t.Fatal("a version follows from what is chosen, not from who chose it, for whom and when")
		}
	})
}

// TestDiffIsWhatHasToBeDone: its entries make a into b, one by one; there are none only if the version is the same.
func TestDiffIsWhatHasToBeDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := checked(t, chosen(t))
		b := proto.Clone(a).(*aerv1.Settings)
		if rapid.Bool().Draw(t, "everything") {
			b = chosen(t)
		}
		b.Trusted = without(t, b.Trusted)
		b.Exclusions = without(t, b.Exclusions)
		b.Clearances = without(t, b.Clearances)
		b = checked(t, b)
		list := Diff(a, b)
		if (len(list) == 0) != (a.Version == b.Version) {
			t.Fatalf("versions %s and %s, differences %v", a.Version, b.Version, list)
		}
		got := a
		for _, one := range list {
			got = apply(t, got, one, b)
		}
		if diff := cmp.Diff(b, got, protocmp.Transform()); diff != "" {
			t.Fatalf("%v\n%s", list, diff)
		}
	})
}

// without leaves out at most one entry.
func without[T any](t *rapid.T, list []T) []T {
	if i := rapid.IntRange(0, 9).Draw(t, "without"); i < len(list) {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// apply makes one change; of a list, which has no single value, it takes all of b's.
func apply(t *rapid.T, s *aerv1.Settings, one Difference, b *aerv1.Settings) *aerv1.Settings {
	out := proto.Clone(s).(*aerv1.Settings)
	switch list, _, _ := strings.Cut(one.Key, "["); list {
	case "trusted":
		out.Trusted = b.Trusted
	case "exclusions":
		out.Exclusions = b.Exclusions
	case "cleared":
		out.Clearances = b.Clearances
	default:
		value := one.After
		if value == "" { // gone: what is said instead of nothing
			value = map[string]string{"apps": "log", "response.scope": "all"}[one.Key]
		}
		if value == "" {
			value = "[]"
		}
		var err error
		if out, err = With(s, one.Key, value); err != nil {
			t.Fatalf("%+v: %v", one, err)
		}
		return out
	}
	return checked(t, out)
}

// TestCompleteFillsGapsOnly: what was chosen stays, what was not is the default, and numbers that nobody could have
// written into a file become such that somebody could.
func TestCompleteFillsGapsOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := checked(t, chosen(t))
		part := &aerv1.Settings{OrgId: all.OrgId}
		want := Default(all.OrgId)
		some := all.ProtoReflect().Descriptor().Fields()
		for i := range some.Len() {
			f := some.Get(i)
			if f.Name() != "version" && all.ProtoReflect().Has(f) && rapid.Bool().Draw(t, string(f.Name())) {
				part.ProtoReflect().Set(f, all.ProtoReflect().Get(f))
				want.ProtoReflect().Set(f, all.ProtoReflect().Get(f))
			}
		}
		want.Version = Version(want)
		if diff := cmp.Diff(want, Complete(part), protocmp.Transform()); diff != "" {
			t.Fatal(diff)
		}
		part.Limits = &aerv1.Limits{MaxResets: rapid.Uint32().Draw(t, "resets"), BudgetMin: rapid.Uint32().Draw(t, "min"),
			BudgetFraction: rapid.Float64().Draw(t, "fraction"),
			Cooldown:       &durationpb.Duration{Seconds: rapid.Int64().Draw(t, "s"), Nanos: rapid.Int32().Draw(t, "ns")},
			BudgetWindow:   durationpb.New(time.Duration(rapid.Int64().Draw(t, "window")))}
		if whole := Complete(part); !proto.Equal(whole, checked(t, whole)) || !proto.Equal(whole, Complete(whole)) {
			t.Fatalf("not final: %v", whole.Limits)
		}
	})
}
