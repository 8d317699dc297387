// SPDX-License-Identifier: Apache-2.0

package event

import (
	"strconv"
	"strings"
	"time"
)

// digits writes a number that a tool has turned into floating point (1.056e+13) as a whole number again.
func digits(number string) string {
	if strings.ContainsAny(number, ".eE") {
		if n, ok := parseUint(number); ok {
			return strconv.FormatUint(n, 10)
		}
	}
	return number
}

// key reads an id that decides whose an entry is: like opt, but what contradicts itself or cannot be read refuses the
// entry.
func (r *reader) key(field string, dst *string) error {
	if k := r.peek(); k != '"' && k != 'n' && r.twice == nil {
		return r.skip()
	}
	return r.need(field, dst)
}

// stampAgrees is how far action_timestamp may be from date_create and still be the same moment said more precisely.
// Farther off it is about something else, such as the action that an anomaly entry reports late.
const stampAgrees = time.Hour

// near gives the finer time stamp if it agrees with m, else m.
func (m moment) near(stamp moment) (time.Time, bool) {
	if m.ok && stamp.ok && stamp.t.Sub(m.t).Abs() <= stampAgrees {
		return stamp.t, true
	}
	return m.t, m.ok
}

// dateCreate reads date_create: seconds as Slack writes them, or the text that other tools make of them.
func (r *reader) dateCreate(dst *moment) (err error) {
	dst.t, dst.ok, err = r.instant("date_create", parseMoment, "Unix seconds or \"2022-07-28 15:22:32\"")
	return err
}

// moment reads a time in any form. What is none only makes the event's time less fine, so it is not noted.
func (r *reader) moment(dst *moment) error {
	if k := r.peek(); k != '"' && k != '0' {
		return r.skip()
	}
	text := r.text()
	t, ok := quickTime(text)
	if !ok {
		t, ok = parseMoment(string(text))
	}
	if ok && plausible(t) {
		*dst = moment{t, true}
	}
	return nil
}
