package event

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// loose reads an object; a value of any other type is skipped. PHP, in which Slack is written, writes an empty object as [].
func (r *reader) loose(member func(name []byte) error) error {
	if r.peek() != '{' {
		return r.skip()
	}
	return r.object("", member)
}

// plain reads a string, or a number as its digits, into dst; a value of any other type is skipped.
func (r *reader) plain(dst *string) error {
	k := r.peek()
	if k != '"' && k != '0' {
		return r.skip()
	}
	*dst = r.word(r.text())
	if k == '0' {
		*dst = digits(*dst)
	}
	return nil
}

// digits writes a number that a tool has turned into floating point (1.056e+13) as a whole number again.
func digits(number string) string {
	if strings.ContainsAny(number, ".eE") {
		if n, ok := parseUint(number); ok {
			return strconv.FormatUint(n, 10)
		}
	}
	return number
}

// moment is a point in time that may be unknown.
type moment struct {
	t  time.Time
	ok bool
}

// stampAgrees is how far action_timestamp may be from date_create and still be the same moment said more precisely. Farther off
// it is about something else, such as the action that an anomaly entry reports late.
const stampAgrees = time.Hour

// near gives the finer time stamp if it agrees with m, else m.
func (m moment) near(stamp moment) (time.Time, bool) {
	if m.ok && stamp.ok && stamp.t.Sub(m.t).Abs() <= stampAgrees {
		return stamp.t, true
	}
	return m.t, m.ok
}

// dateCreate reads date_create: seconds as Slack writes them, or the text that other tools make of them.
func (r *reader) dateCreate(dst *moment) error {
	switch k := r.peek(); k {
	case 'n':
		return r.skip()
	case '0', '"':
	default:
		return wrong("date_create", k, "Unix seconds")
	}
	text := string(r.text())
	if text == "" {
		return nil
	}
	t, ok := parseMoment(text)
	if !ok {
		return problemf(ReasonBadField, "date_create is %q: want Unix seconds or \"2022-07-28 15:22:32\"", cut(text, 40))
	}
	if !plausible(t) {
		return implausible("date_create", t)
	}
	*dst = moment{t, true}
	return nil
}

// moment reads a time in any form; what is none is unknown.
func (r *reader) moment(dst *moment) error {
	var text string
	if err := r.plain(&text); err != nil {
		return err
	}
	if t, ok := parseMoment(text); ok && plausible(t) {
		*dst = moment{t, true}
	}
	return nil
}

// timeLayouts are the texts that export tools make of Slack's time stamps, all in UTC unless they say otherwise.
var timeLayouts = []string{
	time.DateTime, time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05 UTC", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -0700",
}

// parseMoment reads a Unix time in seconds (with or without a fraction), milli-, micro- or nanoseconds, or one of timeLayouts.
func parseMoment(text string) (time.Time, bool) {
	if t, ok := parseEpoch(text); ok {
		return t, true
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// parseEpoch tells the unit of a Unix time by its size: 11 digits are seconds until the year 5138, 14 are milliseconds, and so on.
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
	switch size := max(n, -n); {
	case size < 1e11:
		nanos, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
		return time.Unix(n, nanos), true
	case size < 1e14:
		return time.UnixMilli(n), true
	case size < 1e17:
		return time.UnixMicro(n), true
	}
	return time.Unix(0, n), true
}

func allDigits(s string) bool {
	return strings.Trim(s, "0123456789") == ""
}
