// SPDX-License-Identifier: Apache-2.0

package post

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/aer-project/aer/sinks/retry"
)

// maxWait bounds what a server may ask for in Retry-After: a day, after which nothing is delivered any more.
const maxWait = 24 * time.Hour

// maxQuoted is how much of a server's words goes into an error, in bytes.
const maxQuoted = 200

// Classify marks err, which describes the answer, by the answer's status: 5xx, 408 (timeout), 409 (another request with
// this key is under way), 425 (too early) and 429 (too many) may be tried again, not sooner than Retry-After; other 3xx
// and 4xx may not. A 2xx that is an error nevertheless may be tried again: the server contradicts itself.
func (a Answer) Classify(err error, now time.Time) error {
	switch {
	case a.Status == http.StatusConflict:
		return retry.OneOnly(retry.After(err, a.RetryAfter(now)))
	case a.Status >= 500, a.Status < 300, a.Status == http.StatusRequestTimeout, a.Status == http.StatusTooEarly,
		a.Status == http.StatusTooManyRequests:
		return retry.After(err, a.RetryAfter(now))
	}
	return retry.Permanent(err)
}

// RetryAfter is how long the server asks to wait: seconds or a date (RFC 9110, 10.2.3); 0 if it does not say.
func (a Answer) RetryAfter(now time.Time) time.Duration {
	s := strings.TrimSpace(a.Header.Get("Retry-After"))
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		return min(time.Duration(n)*time.Second, maxWait)
	}
	if at, err := http.ParseTime(s); err == nil {
		return min(max(at.Sub(now), 0), maxWait)
	}
	return 0
}

// Quote makes a server's words fit for an error: short, on one line, and in quotes.
func Quote(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	if len(s) > maxQuoted {
		end := maxQuoted
		for !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end] + "..."
	}
	return strconv.Quote(s)
}
