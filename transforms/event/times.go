// SPDX-License-Identifier: Apache-2.0

package event

import (
	"math"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"
)

// moment is a point in time that may be unknown.
type moment struct {
	t  time.Time
	ok bool
}

// zonedLayouts are the texts that products and export tools make of times, besides RFC 3339. The seconds may have a
// fraction after a point or a comma.
var zonedLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02 15:04:05Z07:00",
	"2006-01-02 15:04:05Z0700",
	"2006-01-02 15:04:05Z07", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00",
	"2006-01-02T15:04Z07:00",
}

// utcLayouts say no zone. Slack's time stamps are in UTC, and so is what tools make of them.
var utcLayouts = []string{time.DateTime, "2006-01-02T15:04:05"}

// parseTime reads a time that means one moment: RFC 3339 as it should be, a Unix time, or one of zonedLayouts. A time
// without a zone may be hours off.
func parseTime(text string) (time.Time, bool) {
	if len(text) > 4 && text[4] == '-' { // failing costs more than looking
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
			return t, true
		}
	}
	text = strings.ToUpper(bare(text))
	if t, ok := parseEpoch(text); ok {
		return t, true
	}
	return parseLayouts(text, zonedLayouts)
}

// parseMoment reads a time of Slack's: what parseTime reads, and what says no zone.
func parseMoment(text string) (time.Time, bool) {
	if t, ok := parseTime(text); ok {
		return t, true
	}
	return parseLayouts(text, utcLayouts)
}

func parseLayouts(text string, layouts []string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// quickTime reads the usual forms without making a string of the text: RFC 3339 in UTC and whole Unix times.
func quickTime(text []byte) (t time.Time, ok bool) {
	if n := len(text); n > 4 && text[4] == '-' {
		ok = text[n-1] == 'Z' && t.UnmarshalText(text) == nil
		return t, ok
	}
	n, ok := smallUint(text)
	return epoch(int64(n), 0), ok
}

// parseEpoch reads a Unix time: digits, also with a fraction or as floating point.
func parseEpoch(text string) (time.Time, bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || !allDigits(fraction) {
		x, err := strconv.ParseFloat(text, 64) // 1.659e+09
		if err != nil || math.Abs(x) > 1<<53 || math.IsNaN(x) {
			return time.Time{}, false
		}
		n, fraction = int64(x), ""
	}
	nanos, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	return epoch(n, nanos), true
}

// epoch tells the unit of a Unix time by its size: 11 digits are seconds until the year 5138, to which nanos are added,
// 14 are milliseconds, and so on.
func epoch(n, nanos int64) time.Time {
	switch size := max(n, -n); {
	case size < 1e11:
		return time.Unix(n, nanos)
	case size < 1e14:
		return time.UnixMilli(n)
	case size < 1e17:
		return time.UnixMicro(n)
	}
	return time.Unix(0, n)
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}

// time reads the time of an event into ts and returns ts, or nil for null and "".
func (r *reader) time(ts *timestamppb.Timestamp) (*timestamppb.Timestamp, error) {
	t, ok, err := r.instant("time", parseTime, "RFC 3339, e.g. \"2026-11-22T10:00:00.123Z\", or Unix seconds")
	if !ok || err != nil {
		return nil, err
	}
	return setTime(ts, t), nil
}

// instant reads a time that an event needs; false means null or "".
func (r *reader) instant(field string, parse func(string) (time.Time, bool), want string) (time.Time, bool, error) {
	switch k := r.peek(); k {
	case 'n':
		return time.Time{}, false, r.skip()
	case '0', '"':
	default:
		return time.Time{}, false, wrong(field, k, want)
	}
	raw := r.text()
	if len(raw) == 0 {
		return time.Time{}, false, nil
	}
	if t, ok := quickTime(raw); ok && plausible(t) {
		return t, true, nil
	}
	text := string(raw)
	t, ok := parse(text)
	switch {
	case !ok && r.mended != nil && strings.Contains(text, replacement):
		return t, false, r.mended
	case !ok:
		return t, false, problemf(ReasonBadField, "%s is %q: want %s", field, cut(text, 40), want)
	case !plausible(t):
		return t, false, implausible(field, t)
	}
	return t, true, nil
}

// cookieTime reads what the client's cookie says. An impossible time counts as unknown, since neither a forged cookie
// nor a producer's zero time may cost the event.
func (r *reader) cookieTime(ts *timestamppb.Timestamp) *timestamppb.Timestamp {
	var text string
	_ = r.optID(FieldCookieTime, &text) // never fails
	if text == "" || placeholder(text) {
		return nil
	}
	t, ok := parseTime(text)
	switch {
	case ok && plausible(t):
		return setTime(ts, t)
	case !ok || t.Unix() != 0 && t.Year() > 1:
		r.bad.note(FieldCookieTime, text)
	}
	return nil
}

func implausible(field string, t time.Time) *problem {
	return problemf(ReasonBadField, "%s is %s: want a time from 2000 to 2199", field, t.UTC().Format(time.RFC3339))
}
