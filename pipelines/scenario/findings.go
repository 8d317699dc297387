// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// finding reads a line of findings: TIME WHO [xN] [every D] TYPE SESSION[,SESSION] CLIENT [key=value...].
func (a *author) finding(l *line) error {
	moments, err := a.moments(l)
	if err != nil {
		return err
	}
	typ, sessions, name := l.take(), l.take(), l.take()
	e := a.clients[name]
	switch {
	case name == "":
		return errors.New("write TIME WHO TYPE SESSION CLIENT, e.g. 9:00 alice tor S1 thief; - is no session, or no client")
	case !slices.Contains(aerv1.AnomalyTypes, typ):
		return fmt.Errorf("unknown type %q; known are %s", typ, strings.Join(aerv1.AnomalyTypes, ", "))
	case e == nil && name != "-":
		return fmt.Errorf("client %q is not in the section clients; known are %s", name, known(a.clients))
	}
	var lists [][]string
	for _, s := range strings.Split(sessions, ",") {
		if s != "-" {
			lists = append(lists, expand(s))
		}
	}
	for _, m := range moments {
		f := &aerv1.Anomaly{
			Id: aerv1.NewID("anomaly", strconv.Itoa(l.n), strconv.Itoa(m.n-1)), OrgId: m.org, UserId: m.user, Type: typ,
			Severity: "high", Magnitude: 1, Evidence: proto.CloneOf(e), KnownAt: aerv1.Time(m.at), Time: aerv1.Time(m.at),
		}
		for _, all := range lists {
			f.SessionIds = append(f.SessionIds, all[(m.n-1)%len(all)])
		}
		rest := *l
		if err := rest.set(a.findingKeys(f, m.at.Sub(moments[0].at))); err != nil {
			return err
		}
		a.findings = append(a.findings, f)
	}
	return nil
}

// findingKeys are what a line may say of a finding that comes so long after the line's first.
func (a *author) findingKeys(f *aerv1.Anomaly, after time.Duration) keys {
	k := keys{
		"id": &f.Id, "user_type": &f.UserType, "actor": &f.ActorKind, "severity": &f.Severity,
		"key": &f.EpisodeKey, "magnitude": &f.Magnitude, "events": &f.EventIds,
		"log_only": &f.LogOnly, "late": &f.Late,
		"app":      func(v string) error { f.ActorKind, f.AppId = aerv1.ActorApp, v; return nil },
		"fast":     func(string) error { f.Window = &aerv1.Window{Start: f.KnownAt, End: f.KnownAt}; return nil },
		"evidence": a.timeOf(func(at time.Time) { f.Time = aerv1.Time(at.Add(after)) }),
		"started":  a.timeOf(func(at time.Time) { f.SessionStartedAt = aerv1.Time(at) }),
		"window":   a.timeOf(func(at time.Time) { f.Window = &aerv1.Window{Start: aerv1.Time(at), End: f.KnownAt} }),
		"new": func(v string) error {
			for _, w := range strings.Split(v, ",") {
				kind, key, ok := strings.Cut(w, ":")
				if !ok {
					return errors.New("want KIND:KEY, e.g. asn:AS64500")
				}
				f.NewThings = append(f.NewThings, &aerv1.NewThing{Kind: kind, Key: key})
			}
			return nil
		},
	}
	if e := f.Evidence; e != nil {
		k["device_usual"] = &e.DeviceUsual
		k["signs"] = func(v string) error {
			for _, code := range strings.Split(v, ",") {
				e.Signs = append(e.Signs, &aerv1.Sign{Code: code, Weight: 0.5})
			}
			return nil
		}
	}
	return k
}

// timeOf reads a time of the day named last.
func (a *author) timeOf(set func(time.Time)) func(string) error {
	return func(v string) error {
		at, _, err := parseTime(v, a.day)
		set(at)
		return err
	}
}
