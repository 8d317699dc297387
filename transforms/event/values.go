// SPDX-License-Identifier: Apache-2.0

package event

import (
	"math"
	"strconv"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// outcomes are the words that products use for what became of an action, with ours for each.
var outcomes = spread(map[string]string{
	aerv1.OutcomeOK: "ok okay success succeeded successful successfully allow allowed accept accepted granted " +
		"permit permitted pass passed completed complete true",
	aerv1.OutcomeDenied: "denied deny block blocked reject rejected refuse refused forbidden unauthorized " +
		"unauthorised unauthenticated disallowed prevented",
	aerv1.OutcomeError:       "error errored err failure failed fail fails exception timeout aborted false",
	aerv1.OutcomeRateLimited: "rate_limited ratelimited rate-limited throttled limited too_many_requests",
}, func(_, outcome string) string { return outcome })

// spread turns lists of words by what they mean into meanings by word. A word of several lists has what join makes of
// them.
func spread[M comparable](lists map[M]string, join func(had, more M) M) map[string]M {
	all := map[string]M{}
	for meaning, list := range lists {
		for word := range strings.FieldsSeq(list) {
			all[word] = join(all[word], meaning)
		}
	}
	return all
}

// outcomeWord gives one of the four words, "" for unknown; false means a word nobody knows. A status of HTTP is read as
// well.
func outcomeWord(s string) (string, bool) {
	switch s {
	case "", aerv1.OutcomeOK, aerv1.OutcomeDenied, aerv1.OutcomeError, aerv1.OutcomeRateLimited:
		return s, true
	}
	if placeholder(s) {
		return "", true
	}
	s = strings.ReplaceAll(strings.ToLower(bare(s)), " ", "_")
	if o, ok := outcomes[s]; ok {
		return o, true
	}
	n, err := strconv.Atoi(s)
	switch {
	case err != nil || len(s) != 3:
		return "", false
	case n >= 200 && n < 400:
		return aerv1.OutcomeOK, true
	case n == 401 || n == 403:
		return aerv1.OutcomeDenied, true
	case n == 429:
		return aerv1.OutcomeRateLimited, true
	case n >= 400 && n < 600:
		return aerv1.OutcomeError, true
	}
	return "", false
}

// word gives the one of words that s is, in any case; "" for unknown, false for another word.
func word(s string, words ...string) (string, bool) {
	if s == "" || oneOf(s, words...) {
		return s, true
	}
	if placeholder(s) {
		return "", true
	}
	s = strings.ToLower(bare(s))
	if oneOf(s, words...) {
		return s, true
	}
	return "", false
}

// asNumber reads an AS number, also as "AS64500" or as "AS64500 Example Networks". 0 is unknown; false is none.
func asNumber(s string) (uint32, bool) {
	t := bare(s)
	if n, ok := parseUint(t); ok {
		return uint32(n), n <= math.MaxUint32
	}
	if placeholder(t) && !strings.HasPrefix(t, "-1") {
		return 0, true
	}
	for _, prefix := range []string{"asn", "as"} {
		if len(t) > len(prefix) && strings.EqualFold(t[:len(prefix)], prefix) {
			t = strings.TrimLeft(t[len(prefix):], " :")
			break
		}
	}
	number, _, _ := strings.Cut(t, " ")
	n, err := strconv.ParseUint(number, 10, 32)
	return uint32(n), err == nil
}
