// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"cmp"
	"slices"
	"time"

	"github.com/goccy/go-yaml/ast"
	"google.golang.org/protobuf/types/known/timestamppb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

// MaxClearance is the longest that a user may be cleared for: whoever needs longer needs an exclusion.
const MaxClearance = 30 * 24 * time.Hour

var (
	exclusionKeys = []string{"user", "group", "detector", "author", "reason", "expires"}
	clearedKeys   = []string{"user", "from", "until", "author", "reason"}
)

func (d *decoder) exclusions(s *aerv1.Settings, f strict.Field) {
	s.Exclusions = nil
	for i, it := range d.Items(f.Value, f.Key, "give a list of {user: U1, detector: tor, reason: why}") {
		if e := d.exclusion(it, strict.Index(f.Key, i)); e != nil {
			s.Exclusions = append(s.Exclusions, e)
		}
	}
	s.Exclusions = sortedSet(s.Exclusions, compareExclusions)
}

// exclusion reads one entry with user or group; nil after a mistake.
func (d *decoder) exclusion(n ast.Node, key string) *aerv1.Exclusion {
	e, before := &aerv1.Exclusion{}, len(d.Errs)
	for _, c := range d.Fields(n, key, "write {user: U1} or {group: ops}") {
		switch c.Name {
		case "user":
			e.UserId, _ = d.Name(c.Value, c.Key, "give a user id")
		case "group":
			e.Group, _ = d.Name(c.Value, c.Key, "give a group id")
		case "detector":
			e.Detector = d.Choice(c.Value, c.Key, aerv1.AnomalyTypes...)
		case "author":
			e.Author, _ = d.Text(c.Value, c.Key, "")
		case "reason":
			e.Reason, _ = d.Text(c.Value, c.Key, "")
		case "expires":
			e.Expires = d.timestamp(c)
		default:
			d.Unknown(c, "key", exclusionKeys)
		}
	}
	if len(d.Errs) == before && (e.UserId == "") == (e.Group == "") {
		d.Fail(n, key, "needs either user or group", "write two entries for two exclusions")
	}
	if len(d.Errs) > before {
		return nil
	}
	return e
}

func (d *decoder) clearances(s *aerv1.Settings, f strict.Field) {
	s.Clearances = nil
	for i, it := range d.Items(f.Value, f.Key, "give a list of {user: U1, from: TIME, until: TIME, reason: why}") {
		if c := d.clearance(it, strict.Index(f.Key, i)); c != nil {
			s.Clearances = append(s.Clearances, c)
		}
	}
	s.Clearances = sortedSet(s.Clearances, compareClearances)
}

func (d *decoder) clearance(n ast.Node, key string) *aerv1.Clearance {
	c, before := &aerv1.Clearance{}, len(d.Errs)
	for _, f := range d.Fields(n, key, "write {user: U1, from: TIME, until: TIME}") {
		switch f.Name {
		case "user":
			c.UserId, _ = d.Name(f.Value, f.Key, "give a user id")
		case "from":
			c.From = d.timestamp(f)
		case "until":
			c.Until = d.timestamp(f)
		case "author":
			c.Author, _ = d.Text(f.Value, f.Key, "")
		case "reason":
			c.Reason, _ = d.Text(f.Value, f.Key, "")
		default:
			d.Unknown(f, "key", clearedKeys)
		}
	}
	if len(d.Errs) > before {
		return nil
	}
	length := c.GetUntil().AsTime().Sub(c.GetFrom().AsTime())
	switch {
	case c.UserId == "" || c.From == nil || c.Until == nil:
		d.Fail(n, key, "needs user, from and until", "")
	case length <= 0:
		d.Fail(n, key, "until is not after from", "")
	case length > MaxClearance:
		d.Fail(n, key, "lasts longer than "+strict.Duration(MaxClearance),
			"for a longer time exclude the user, with a reason")
	default:
		return c
	}
	return nil
}

func (d *decoder) timestamp(f strict.Field) *timestamppb.Timestamp {
	at, ok := d.Moment(f.Value, f.Key)
	if !ok {
		return nil
	}
	return aerv1.Time(at)
}

// sortedSet orders a list so that equal choices have equal versions, and drops exact repeats.
func sortedSet[T any](list []T, compare func(a, b T) int) []T {
	slices.SortStableFunc(list, compare)
	return slices.CompactFunc(list, func(a, b T) bool { return compare(a, b) == 0 })
}

func compareExclusions(a, b *aerv1.Exclusion) int {
	return cmp.Or(
		cmp.Compare(a.GetUserId(), b.GetUserId()), cmp.Compare(a.GetGroup(), b.GetGroup()),
		cmp.Compare(a.GetDetector(), b.GetDetector()),
		compareTimes(a.GetExpires(), b.GetExpires()), cmp.Compare(a.GetReason(), b.GetReason()),
		cmp.Compare(a.GetAuthor(), b.GetAuthor()),
	)
}

func compareClearances(a, b *aerv1.Clearance) int {
	return cmp.Or(
		cmp.Compare(a.GetUserId(), b.GetUserId()), compareTimes(a.GetFrom(), b.GetFrom()),
		compareTimes(a.GetUntil(), b.GetUntil()),
		cmp.Compare(a.GetReason(), b.GetReason()), cmp.Compare(a.GetAuthor(), b.GetAuthor()),
	)
}

// compareTimes puts never before every time.
func compareTimes(a, b *timestamppb.Timestamp) int {
	if a == nil || b == nil {
		return cmp.Compare(btoi(a != nil), btoi(b != nil))
	}
	return a.AsTime().Compare(b.AsTime())
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
