// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Difference is one value that is not the same in two settings. Before or After is empty where there is none.
type Difference struct {
	Key    string `json:"key"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
}

// Diff lists what b chooses otherwise than a, by key.
func Diff(a, b *aerv1.Settings) []Difference {
	before, after := flatten(a), flatten(b)
	all := maps.Clone(before)
	maps.Copy(all, after)
	var out []Difference
	for _, k := range slices.Sorted(maps.Keys(all)) {
		if before[k] != after[k] {
			out = append(out, Difference{k, before[k], after[k]})
		}
	}
	return out
}

// flatten gives every value a key; an entry of a list is named by what it is about, not by its place.
func flatten(s *aerv1.Settings) map[string]string {
	out := map[string]string{}
	if s == nil {
		return out
	}
	var path []string
	for line := range strings.Lines(string(renderBody(s, ""))) {
		depth := (len(line) - len(strings.TrimLeft(line, " "))) / 2
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		path = append(path[:min(depth, len(path))], strings.TrimSuffix(name, ":"))
		if value != "" && !isList(path[0]) {
			out[strings.Join(path, ".")] = value
		}
	}
	add := func(key, value string) { // one thing may have several entries, with different ends
		if before := out[key]; before != "" {
			value = before + "; " + value
		}
		out[key] = value
	}
	for _, t := range s.GetTrusted() {
		name := t.GetCidr()
		if name == "" {
			name = "AS" + itoa(t.GetAsn())
		}
		add("trusted["+name+"]", note("", t.GetReason(), t.GetAuthor(), t.GetExpires()))
	}
	for _, e := range s.GetExclusions() {
		what := "every detector"
		if e.GetDetector() != "" {
			what = e.Detector
		}
		add("exclusions["+oneOf("user ", e.GetUserId(), "group ", e.GetGroup())+", "+what+"]", note("", e.GetReason(),
			e.GetAuthor(), e.GetExpires()))
	}
	for _, c := range s.GetClearances() {
		add("cleared["+quote(c.GetUserId())+" from "+moment(c.GetFrom())+"]", note("until "+moment(c.GetUntil()),
			c.GetReason(), c.GetAuthor(), nil))
	}
	return out
}

func isList(key string) bool { return key == "trusted" || key == "exclusions" || key == "cleared" }

func oneOf(pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			return pairs[i] + quote(pairs[i+1])
		}
	}
	return ""
}

// note is what is said about an entry; never empty, so that an entry that appears differs from none.
func note(first, reason, author string, expires *timestamppb.Timestamp) string {
	words := []string{}
	for _, w := range []string{first, quoteIf(reason), prefixed("by ", quoteIf(author)),
		prefixed("expires ", moment(expires))} {
		if w != "" {
			words = append(words, w)
		}
	}
	if len(words) == 0 {
		return "yes"
	}
	return strings.Join(words, ", ")
}

func prefixed(p, s string) string {
	if s == "" {
		return ""
	}
	return p + s
}

func moment(t *timestamppb.Timestamp) string {
	if t == nil {
		return ""
	}
	return t.AsTime().UTC().Format(time.RFC3339Nano)
}
