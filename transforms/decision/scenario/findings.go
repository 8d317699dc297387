package scenario

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// FirstDay is midnight of the day on which every story begins.
var FirstDay = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

// ParseClients reads clients.txt: NAME ip= asn= device= ja4= ua= family= class= previous_ip= and the words client_usual,
// network_usual, usual (both), device_usual and tor_stale.
func ParseClients(text string) (map[string]*aerv1.Evidence, error) {
	out := map[string]*aerv1.Evidence{}
	for n, words := range lines(text) {
		e := &aerv1.Evidence{Client: &aerv1.Client{Facts: &aerv1.ClientFacts{}}}
		for key, value := range pairs(words[1:]) {
			if err := setClient(e, key, value); err != nil {
				return nil, fmt.Errorf("clients.txt:%d: %w", n, err)
			}
		}
		out[words[0]] = e
	}
	return out, nil
}

func setClient(e *aerv1.Evidence, key, value string) error {
	c := e.Client
	switch key {
	case "ip":
		c.Ip = value
	case "asn":
		n, err := strconv.ParseUint(value, 10, 32)
		if err != nil {
			return fmt.Errorf("asn: %q is not a number", value)
		}
		c.Asn = uint32(n)
	case "device":
		c.DeviceId = value
	case "ja4":
		c.Ja4 = value
	case "ua":
		c.UserAgent = value
	case "family":
		c.Facts.Family = value
	case "class":
		c.Facts.Class = value
	case "tor_stale":
		c.Facts.TorStale = true
	case "previous_ip":
		e.Previous = &aerv1.Client{Ip: value}
	case "usual":
		e.ClientUsual, e.NetworkUsual = true, true
	case "client_usual":
		e.ClientUsual = true
	case "network_usual":
		e.NetworkUsual = true
	case "device_usual":
		e.DeviceUsual = true
	default:
		return fmt.Errorf("unknown key %q; known are ip, asn, device, ja4, ua, family, class, previous_ip, usual, client_usual, network_usual, device_usual, tor_stale", key)
	}
	return nil
}

// ParseFindings reads anomalies.txt. After the five columns may stand: user_type=, actor= (attempt, app), app= (its id), severity=, magnitude=, key= (episode),
// id=, events= (ids), evidence= and started= and window= (times of the evidence, of the youngest session's birth and of
// the window's start), new= (new things as KIND:KEY) and signs= (codes), both with commas, device=own or device=strange, fast
// (judged by one event, without a profile), log_only, late, times= and every=.
func ParseFindings(text string, clients map[string]*aerv1.Evidence) ([]*aerv1.Anomaly, error) {
	var out []*aerv1.Anomaly
	for n, words := range lines(text) {
		some, err := parseFinding(words, clients)
		if err != nil {
			return nil, fmt.Errorf("anomalies.txt:%d: %w", n, err)
		}
		for i, a := range some {
			if a.Id == "" {
				a.Id = aerv1.NewID("anomaly", strconv.Itoa(n), strconv.Itoa(i))
			}
		}
		out = append(out, some...)
	}
	return out, nil
}

func parseFinding(words []string, clients map[string]*aerv1.Evidence) ([]*aerv1.Anomaly, error) {
	if len(words) < 5 {
		return nil, fmt.Errorf("needs TIME ORG/USER TYPE SESSION CLIENT, has %d words", len(words))
	}
	at, err := parseTime(words[0])
	if err != nil {
		return nil, err
	}
	org, user, ok := strings.Cut(words[1], "/")
	if !ok {
		return nil, fmt.Errorf("%q is not ORG/USER", words[1])
	}
	if !slices.Contains(aerv1.AnomalyTypes, words[2]) {
		return nil, fmt.Errorf("unknown type %q; known are %s", words[2], strings.Join(aerv1.AnomalyTypes, ", "))
	}
	evidence := clients[words[4]]
	if evidence == nil && words[4] != "-" {
		return nil, fmt.Errorf("client %q is not in clients.txt", words[4])
	}
	a := &aerv1.Anomaly{OrgId: org, Type: words[2], Severity: "high", Magnitude: 1, Evidence: evidence, KnownAt: aerv1.Time(at), Time: aerv1.Time(at)}
	options := pairs(words[5:])
	for key, value := range options {
		if err := setFinding(a, key, value); err != nil {
			return nil, err
		}
	}
	return repeat(a, user, words[3], options)
}

func setFinding(a *aerv1.Anomaly, key, value string) error {
	var at time.Time
	var err error
	switch key {
	case "user_type":
		a.UserType = value
	case "actor":
		a.ActorKind = value
	case "app":
		a.ActorKind, a.AppId = aerv1.ActorApp, value
	case "severity":
		a.Severity = value
	case "magnitude":
		a.Magnitude, err = strconv.ParseFloat(value, 64)
	case "key":
		a.EpisodeKey = value
	case "id":
		a.Id = value
	case "events":
		a.EventIds = strings.Split(value, ",")
	case "evidence":
		at, err = parseTime(value)
		a.Time = aerv1.Time(at)
	case "started":
		at, err = parseTime(value)
		a.SessionStartedAt = aerv1.Time(at)
	case "window":
		at, err = parseTime(value)
		a.Window = &aerv1.Window{Start: aerv1.Time(at), End: a.KnownAt}
	case "new":
		a.NewThings, err = parseThings(value)
	case "signs", "device":
		a.Evidence, err = withEvidence(a.GetEvidence(), key, value)
	case "fast":
		a.Window = &aerv1.Window{Start: a.KnownAt, End: a.KnownAt}
	case "log_only":
		a.LogOnly = true
	case "late":
		a.Late = true
	case "times", "every":
	default:
		err = fmt.Errorf("unknown key %q", key)
	}
	return err
}

func parseThings(value string) (out []*aerv1.NewThing, err error) {
	for _, w := range strings.Split(value, ",") {
		kind, key, ok := strings.Cut(w, ":")
		if !ok {
			return nil, fmt.Errorf("new: %q is not KIND:KEY", w)
		}
		out = append(out, &aerv1.NewThing{Kind: kind, Key: key})
	}
	return out, nil
}

// withEvidence returns a copy, because the findings of a story share their clients.
func withEvidence(e *aerv1.Evidence, key, value string) (*aerv1.Evidence, error) {
	if e == nil {
		return nil, fmt.Errorf("%s: the finding has no client", key)
	}
	e = proto.CloneOf(e)
	switch {
	case key == "signs":
		for _, code := range strings.Split(value, ",") {
			e.Signs = append(e.Signs, &aerv1.Sign{Code: code, Weight: 0.5})
		}
	case value == "own", value == "strange":
		e.DeviceUsual = value == "own"
	default:
		return nil, fmt.Errorf("device: %q is neither own nor strange", value)
	}
	return e, nil
}

// repeat makes the findings that a line stands for: users of a range, or repetitions of one user. Sessions count along.
func repeat(a *aerv1.Anomaly, user, sessions string, options map[string]string) ([]*aerv1.Anomaly, error) {
	times, every := 1, time.Duration(0)
	var err error
	if v, ok := options["times"]; ok {
		if times, err = strconv.Atoi(v); err != nil {
			return nil, fmt.Errorf("times: %q is not a number", v)
		}
	}
	if v, ok := options["every"]; ok {
		if every, err = time.ParseDuration(v); err != nil {
			return nil, fmt.Errorf("every: %q is not a duration", v)
		}
	}
	users := expand(user)
	n := max(times, len(users))
	var out []*aerv1.Anomaly
	for i := range n {
		b := proto.Clone(a).(*aerv1.Anomaly)
		b.UserId = users[i%len(users)]
		shift := time.Duration(i) * every
		b.KnownAt = aerv1.Time(a.KnownAt.AsTime().Add(shift))
		b.Time = aerv1.Time(a.Time.AsTime().Add(shift))
		for _, s := range strings.Split(sessions, ",") {
			if list := expand(s); s != "-" {
				b.SessionIds = append(b.SessionIds, list[i%len(list)])
			}
		}
		out = append(out, b)
	}
	return out, nil
}

// expand turns U[1-3] into U1 U2 U3, and any other word into itself.
func expand(word string) []string {
	head, rest, ok := strings.Cut(word, "[")
	low, high, ok2 := strings.Cut(strings.TrimSuffix(rest, "]"), "-")
	from, err := strconv.Atoi(low)
	to, err2 := strconv.Atoi(high)
	if !ok || !ok2 || err != nil || err2 != nil || to < from || to-from > 10_000 {
		return []string{word}
	}
	var out []string
	for i := from; i <= to; i++ {
		out = append(out, head+strconv.Itoa(i))
	}
	return out
}

// parseTime reads H:MM[:SS] since FirstDay.
func parseTime(s string) (time.Time, error) {
	parts := strings.Split(s, ":")
	if len(parts) == 2 {
		parts = append(parts, "0")
	}
	sum := 0
	for i, p := range parts {
		n, err := strconv.Atoi(p)
		if err != nil || n < 0 || i > 2 || i > 0 && n > 59 || n > 10_000 {
			return time.Time{}, fmt.Errorf("%q is not a time; write 9:30 or 26:30:15", s)
		}
		sum = sum*60 + n
	}
	if len(parts) != 3 {
		return time.Time{}, fmt.Errorf("%q is not a time; write 9:30 or 26:30:15", s)
	}
	return FirstDay.Add(time.Duration(sum) * time.Second), nil
}

// formatTime is the inverse of parseTime, always with seconds.
func formatTime(t time.Time) string {
	s := int(t.Sub(FirstDay).Seconds())
	return fmt.Sprintf("%02d:%02d:%02d", s/3600, s/60%60, s%60)
}

// lines yields the words of each line that says something, by its number from 1. What follows # is a comment.
func lines(text string) func(yield func(int, []string) bool) {
	return func(yield func(int, []string) bool) {
		n := 0
		for line := range strings.Lines(text) {
			n++
			said, _, _ := strings.Cut(line, "#")
			if words := strings.Fields(said); len(words) > 0 && !yield(n, words) {
				return
			}
		}
	}
}
