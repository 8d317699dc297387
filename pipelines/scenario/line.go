// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// defaultOrg is the organisation of users that are written without one.
const defaultOrg = "acme"

// maxRepeat bounds what one line makes, so that a mistyped number fails instead of running for an hour.
const maxRepeat = 20_000

// defaultDay is the day of times as long as no line names one.
var defaultDay = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// line is one line of a section. Its number counts within the section, so that ids do not depend on what is above.
type line struct {
	n       int
	words   []string
	options [][2]string
}

// each reads every line that says something; what follows # is a comment.
func (s section) each(read func(*line) error) error {
	var errs []error
	n := 0
	for text := range strings.Lines(s.text) {
		n++
		said, _, _ := strings.Cut(text, "#")
		l := &line{n: n}
		for _, w := range strings.Fields(said) {
			if key, value, ok := strings.Cut(w, "="); ok {
				l.options = append(l.options, [2]string{key, value})
			} else {
				l.words = append(l.words, w)
			}
		}
		if len(l.words)+len(l.options) == 0 {
			continue
		}
		if err := read(l); err != nil {
			errs = append(errs, s.errorf(n, "%w", err))
		}
	}
	return errors.Join(errs...)
}

func (l *line) peek() string {
	if len(l.words) == 0 {
		return ""
	}
	return l.words[0]
}

func (l *line) take() string {
	w := l.peek()
	l.words = l.words[min(1, len(l.words)):]
	return w
}

// keys are what may stand as key=value, with what each sets (assign). A key without a value stands as a word.
type keys map[string]any

// set does what the line's options and the words that are left say.
func (l *line) set(k keys) error {
	for _, w := range l.words {
		l.options = append(l.options, [2]string{w, ""})
	}
	return k.set(l.options, 1)
}

func (k keys) set(options [][2]string, n int) error {
	for _, o := range options {
		to := k[o[0]]
		if to == nil {
			return fmt.Errorf("unknown key %q; known are %s", o[0], known(k))
		}
		if err := assign(to, strings.ReplaceAll(o[1], "{n}", strconv.Itoa(n))); err != nil {
			return fmt.Errorf("%s: %q is wrong: %w", o[0], o[1], err)
		}
	}
	return nil
}

// assign reads a value into a text, a list, a number or a bool, which is true for the word alone; or calls a function.
func assign(to any, value string) error {
	switch to := to.(type) {
	case func(string) error:
		return to(value)
	case *string:
		*to = value
	case *[]string:
		*to = strings.Split(value, ",")
	case *bool:
		if *to = value == ""; !*to && value != "no" {
			return errors.New("want the word alone, or =no")
		}
	default:
		if _, err := fmt.Sscanf(value+"$", "%v$", to); err != nil || value[0] == '-' {
			return errors.New("want a number, and no negative one")
		}
	}
	return nil
}

// moment is one repetition of a line, counted from 1.
type moment struct {
	n         int
	at        time.Time
	org, user string
}

// moments reads TIME WHO [xN] [every D].
func (a *author) moments(l *line) ([]moment, error) {
	at, day, err := parseTime(l.take(), a.day)
	if err != nil {
		return nil, err
	}
	if a.day = day; a.begin.IsZero() || at.Before(a.begin) {
		a.begin = at
	}
	org, user := orgUser(l.take())
	users := expand(user)
	times, every, err := l.repeat()
	out := make([]moment, max(times, len(users)))
	for i := range out {
		out[i] = moment{i + 1, at.Add(time.Duration(i) * every), org, users[i%len(users)]}
	}
	return out, err
}

// repeat reads [xN] [every D].
func (l *line) repeat() (times int, every time.Duration, err error) {
	times = 1
	if w := l.peek(); strings.HasPrefix(w, "x") {
		if n, err := strconv.Atoi(w[1:]); err == nil { // else a word that begins with x
			times = n
			if l.take(); n < 1 || n > maxRepeat || l.peek() != "every" {
				return 0, 0, fmt.Errorf("%s: write xN every D with N from 1 to %d, e.g. x28 every 20s", w, maxRepeat)
			}
		}
	}
	if l.peek() != "every" {
		return times, 0, nil
	}
	l.take()
	w := l.take()
	if every, err = time.ParseDuration(w); err != nil || every < 0 {
		return 0, 0, fmt.Errorf("%q is not a duration; write 20s or 1m30s", w)
	}
	return times, every, nil
}

// clock is H:MM[:SS], and span what U[1-3] is.
var (
	clock = regexp.MustCompile(`^(\d{1,4}):([0-5]\d)(?::([0-5]\d))?$`)
	span  = regexp.MustCompile(`^(.*)\[(\d{1,5})-(\d{1,5})\]$`)
)

// parseTime reads a full time, or H:MM[:SS] since midnight of a day, and returns its day as well.
func parseTime(s string, day time.Time) (t, of time.Time, err error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC(), t.UTC().Truncate(24 * time.Hour), nil
	}
	if day.IsZero() {
		day = defaultDay
	}
	hms := clock.FindStringSubmatch(s)
	if hms == nil {
		return t, day, fmt.Errorf("%q is not a time; write 2026-03-02T09:00:00Z, or 9:30[:15] of the day named last", s)
	}
	after, err := time.ParseDuration(hms[1] + "h" + hms[2] + "m" + cmp.Or(hms[3], "0") + "s")
	return day.Add(after), day, err
}

// formatTime is the inverse of parseTime, always with seconds, and in full for what was before the day or long after.
func formatTime(t, day time.Time) string {
	since := t.Sub(day)
	if since < 0 || since >= 10_000*time.Hour {
		return t.Format(time.RFC3339)
	}
	s := int(since.Seconds())
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

func orgUser(word string) (org, name string) {
	if org, name, ok := strings.Cut(word, "/"); ok {
		return org, name
	}
	return defaultOrg, word
}

// who is how a story names whoever acted.
func who(a *aerv1.Anomaly) string {
	name := strings.TrimPrefix(a.GetOrgId()+"/"+a.GetUserId(), defaultOrg+"/")
	switch a.GetActorKind() {
	case "":
		return name
	case aerv1.ActorApp:
		return name + "/app:" + a.GetAppId()
	}
	return name + "/" + a.GetActorKind()
}

// expand turns U[1-3] into U1 U2 U3, and any other word into itself.
func expand(word string) []string {
	m := span.FindStringSubmatch(word)
	if m == nil {
		return []string{word}
	}
	from, _ := strconv.Atoi(m[2]) // digits, as the expression says
	to, _ := strconv.Atoi(m[3])
	out := []string{m[1] + m[2]}
	for i := from + 1; i <= min(to, from+maxRepeat); i++ {
		out = append(out, m[1]+strconv.Itoa(i))
	}
	return out
}

func known[T any](m map[string]T) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }
