// SPDX-License-Identifier: Apache-2.0

package event

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Bounds of texts in bytes. Identifiers are kept in per-user state and a client chooses some of them, so all are
// bounded.
const (
	// idMax bounds the identifiers an event cannot do without; longer ones are refused.
	idMax = 256
	// wordMax bounds the other identifiers and names; longer ones are shortened, see shorten.
	wordMax = 256
	// userAgentMax bounds the user agent. Real ones end at about 500 bytes.
	userAgentMax = 1024
)

// Times outside are clock faults or unset values: the products that write such events did not exist before 2000.
var (
	timeMin = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	timeMax = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// plausible tells whether t can be the time of an event.
func plausible(t time.Time) bool { return !t.Before(timeMin) && t.Before(timeMax) }

// setTime stores t in ts, cut to microseconds.
func setTime(ts *timestamppb.Timestamp, t time.Time) *timestamppb.Timestamp {
	ts.Seconds, ts.Nanos = t.Unix(), int32(t.Nanosecond()/1000*1000)
	return ts
}

// shorten returns s if it has at most n bytes, else its beginning and a hash of the whole, so that different long texts
// stay different (distinct objects are counted) and equal ones equal.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	tail := "#" + hex.EncodeToString(sum[:8])
	return cut(s, n-len(tail)) + tail
}

// names are what a format calls the fields that an event needs, for messages to the people who write that format.
type names struct{ id, time, org, user, action string }

// complete checks the fields that an event needs, gives the others their canonical form, tells who acted, and bounds
// everything. It is the last step of every decoder; actor and agent are what Slack entries say about the actor, see
// acting.
func (r *reader) complete(ev *aerv1.Event, n *names, actor string, agent bool) error {
	trimmed(&ev.Id, &ev.OrgId, &ev.UserId, &ev.Action)
	switch {
	case ev.Id == "":
		return missing(n.id, "a text that is unique to the event")
	case ev.Time == nil:
		return missing(n.time, "when it happened, e.g. \"2026-11-22T10:00:00.123Z\"")
	case ev.OrgId == "":
		return missing(n.org, "the organisation's id")
	case ev.UserId == "":
		return missing(n.user, "the acting user's id")
	case ev.Action == "":
		return missing(n.action, "what was done, e.g. \"user_login\"")
	case max(len(ev.Id), len(ev.OrgId), len(ev.UserId)) > idMax:
		return tooLong(ev, n)
	}
	if ev.Client == nil {
		ev.Client = &aerv1.Client{}
	}
	canonical(ev, &r.bad)
	bound(ev)
	r.who = acting{ev: ev, action: about(ev.Action), actor: actor, agent: agent}
	decideActor(&r.who)
	r.who.ev = nil // the decoder outlives the event
	return nil
}

// Normalise gives an event that was made in code what decoding gives every other: the canonical form of its values,
// bounds, and who acted. What an event cannot do without must be there.
func Normalise(ev *aerv1.Event) {
	if ev.Client == nil {
		ev.Client = &aerv1.Client{}
	}
	canonical(ev, &unread{})
	bound(ev)
	decideActor(&acting{ev: ev, action: about(ev.Action)})
}

func oneOf(s string, words ...string) bool { return slices.Contains(words, s) }

func missing(field, want string) *problem {
	return problemf(ReasonMissingField, "%s is missing or empty: want %s", field, want)
}

func tooLong(ev *aerv1.Event, n *names) *problem {
	field, size := n.id, len(ev.Id)
	if len(ev.OrgId) > idMax {
		field, size = n.org, len(ev.OrgId)
	} else if len(ev.UserId) > idMax {
		field, size = n.user, len(ev.UserId)
	}
	return problemf(ReasonBadField, "%s has %d bytes: want at most %d", field, size, idMax)
}

// bound shortens every optional text and makes Object as the package promises.
func bound(ev *aerv1.Event) {
	c := ev.Client
	c.Facts = nil // derived later, never taken from input
	for _, s := range [...]*string{
		&ev.SessionId, &ev.Action, &ev.ApiMethod, &ev.AppId,
		&c.Ip, &c.DeviceId, &c.Ja4, &c.Ja3, &c.Platform, &c.Country,
	} {
		if len(*s) > wordMax {
			*s = shorten(*s, wordMax)
		}
	}
	c.UserAgent = shorten(c.UserAgent, userAgentMax)
	if ev.Object != nil && ev.Object.Id == "" {
		ev.Object = nil // a type without an id names nothing
	}
	if ev.Object != nil {
		ev.Object.Type, ev.Object.Id = shorten(ev.Object.Type, wordMax), shorten(ev.Object.Id, wordMax)
	}
}
