// SPDX-License-Identifier: Apache-2.0

package change

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// Trust adds a trusted network, or replaces what is said about one.
func Trust(t *aerv1.TrustedNetwork) Edit {
	return func(s *aerv1.Settings) (*aerv1.Settings, error) {
		s.Trusted = append(without(s.Trusted, t, sameNetwork), t)
		return s, nil
	}
}

// Distrust removes a trusted network.
func Distrust(t *aerv1.TrustedNetwork) Edit {
	return func(s *aerv1.Settings) (*aerv1.Settings, error) {
		left := without(s.Trusted, t, sameNetwork)
		if len(left) == len(s.Trusted) {
			return nil, fmt.Errorf("%s is not trusted; aer trust list --org %s shows what is", NetworkName(t), s.GetOrgId())
		}
		s.Trusted = left
		return s, nil
	}
}

// NetworkName is the network or AS<number>.
func NetworkName(t *aerv1.TrustedNetwork) string {
	if t.GetCidr() != "" {
		return t.GetCidr()
	}
	return "AS" + strconv.FormatUint(uint64(t.GetAsn()), 10)
}

func sameNetwork(a, b *aerv1.TrustedNetwork) bool {
	return a.GetCidr() == b.GetCidr() && a.GetAsn() == b.GetAsn()
}

// Exclude adds an exclusion, or replaces what is said about one.
func Exclude(x *aerv1.Exclusion) Edit {
	return func(s *aerv1.Settings) (*aerv1.Settings, error) {
		s.Exclusions = append(without(s.Exclusions, x, sameExclusion), x)
		return s, nil
	}
}

// Include removes an exclusion, also one from a detector's plain lists.
func Include(x *aerv1.Exclusion) Edit {
	return func(s *aerv1.Settings) (*aerv1.Settings, error) {
		before := proto.Clone(s).(*aerv1.Settings)
		s.Exclusions = without(s.Exclusions, x, sameExclusion)
		for name, d := range s.GetDetectors() {
			if name == x.GetDetector() {
				d.ExcludedUsers = without(d.ExcludedUsers, x.GetUserId(), equal)
				d.ExcludedGroups = without(d.ExcludedGroups, x.GetGroup(), equal)
			}
		}
		if proto.Equal(before, s) {
			return nil, fmt.Errorf("there is no such exclusion; aer exclude list --org %s shows them", s.GetOrgId())
		}
		return s, nil
	}
}

func sameExclusion(a, b *aerv1.Exclusion) bool {
	return a.GetUserId() == b.GetUserId() && a.GetGroup() == b.GetGroup() && a.GetDetector() == b.GetDetector()
}

func equal(a, b string) bool { return a == b }

func without[T any](list []T, one T, same func(a, b T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return same(x, one) })
}

// keptCleared is how long a clearance that is over stays in the settings, so that a replay of the last days judges as
// it was judged; the history has it for ever.
const keptCleared = 30 * 24 * time.Hour

// Clear adds a clearance. One of the same user that is still on ends where the new one begins.
func Clear(c *aerv1.Clearance) Edit {
	return func(s *aerv1.Settings) (*aerv1.Settings, error) {
		from := c.GetFrom().AsTime()
		s.Clearances = slices.DeleteFunc(endClearance(s.Clearances, aerv1.UserID(c.GetUserId()), from),
			func(old *aerv1.Clearance) bool {
				return old.GetUntil().AsTime().Before(from.Add(-keptCleared))
			})
		s.Clearances = append(s.Clearances, c)
		return s, nil
	}
}

// Unclear ends the clearance of a user at a time.
func Unclear(user aerv1.UserID, at time.Time) Edit {
	return func(s *aerv1.Settings) (*aerv1.Settings, error) {
		before := proto.Clone(s).(*aerv1.Settings)
		s.Clearances = endClearance(s.Clearances, user, at)
		if proto.Equal(before, s) {
			return nil, fmt.Errorf("user %q is not cleared", user)
		}
		return s, nil
	}
}

func endClearance(list []*aerv1.Clearance, user aerv1.UserID, at time.Time) []*aerv1.Clearance {
	var out []*aerv1.Clearance
	for _, c := range list {
		switch {
		case c.GetUserId() != string(user) || !at.Before(c.GetUntil().AsTime()):
			out = append(out, c)
		case c.GetFrom().AsTime().Before(at):
			c.Until = aerv1.Time(at)
			out = append(out, c)
		}
	}
	return out
}

// ParseEnd reads when something ends: a date, a time, or how long from now (30d, 12h).
func ParseEnd(s string, now time.Time) (time.Time, error) {
	if d, err := ParseLength(s); err == nil {
		return now.Add(d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			if !t.After(now) {
				return t, fmt.Errorf("%s is over already", s)
			}
			return t, nil
		}
	}
	return now,
		fmt.Errorf("%q is no end; use a date (2026-12-31), a time (2026-12-31T18:00:00Z) or a length (30d, 12h)", s)
}

// daysMax keeps the arithmetic of lengths within its bounds: ten years.
const daysMax = 3650

// ParseLength reads a positive length of time: 24h, 90m, 7d.
func ParseLength(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if days, ok := strings.CutSuffix(s, "d"); ok {
		var n uint64
		n, err = strconv.ParseUint(days, 10, 16)
		d = time.Duration(min(n, daysMax+1)) * 24 * time.Hour
	}
	if err != nil || d <= 0 || d > daysMax*24*time.Hour {
		return 0, fmt.Errorf("%q is no length of time; use for example 24h or 7d", s)
	}
	return d, nil
}

// Overwrite replaces the trusted networks as Slack's update does.
func Overwrite(list []*aerv1.TrustedNetwork, author, reason string) Edit {
	return func(s *aerv1.Settings) (*aerv1.Settings, error) {
		s.Trusted = settings.MergeTrusted(s.Trusted, list, author, reason)
		return s, nil
	}
}
