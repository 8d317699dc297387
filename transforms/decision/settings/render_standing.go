// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// renderStanding writes exclusions and clearances; without any it writes nothing, so that versions stay what they were.
func renderStanding(line func(int, string, ...any), s *aerv1.Settings) {
	if len(s.GetExclusions()) > 0 {
		line(0, "exclusions:")
	}
	for _, e := range s.GetExclusions() {
		item(line, "user", quoteIf(e.GetUserId()), "group", quoteIf(e.GetGroup()), "detector", quoteIf(e.GetDetector()),
			"author", quoteIf(e.GetAuthor()), "reason", quoteIf(e.GetReason()), "expires", renderTime(e.GetExpires()))
	}
	if len(s.GetClearances()) > 0 {
		line(0, "cleared:")
	}
	for _, c := range s.GetClearances() {
		item(line, "user", quoteIf(c.GetUserId()), "from", renderTime(c.GetFrom()), "until", renderTime(c.GetUntil()),
			"author", quoteIf(c.GetAuthor()), "reason", quoteIf(c.GetReason()))
	}
}

// item writes the pairs that have a value as one entry of a list.
func item(line func(int, string, ...any), pairs ...string) {
	mark := "- "
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			line(1, "%s%s: %s", mark, pairs[i], pairs[i+1])
			mark = "  "
		}
	}
}

func quoteIf(s string) string {
	if s == "" {
		return ""
	}
	return quote(s)
}

func renderTime(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return quote(t.AsTime().UTC().Format(time.RFC3339Nano))
}
