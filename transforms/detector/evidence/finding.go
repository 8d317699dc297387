// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
)

// FromSlice begins a finding about the user of a slice. episode tells ongoing anomalies of one type apart; sessions are
// those the evidence came from.
func FromSlice(in *Input, typ, episode string, sessions []string) *aerv1.Anomaly {
	s := in.Slice
	first := ""
	if len(s.Refs) > 0 {
		first = s.Refs[0].Id
	}
	id := append([]string{s.OrgId, s.UserId, typ, episode, strconv.FormatInt(s.WindowStartMs, 10), first},
		aerv1.PrincipalOf(s).IDParts()...)
	return &aerv1.Anomaly{
		Id:   aerv1.NewID("anomaly", id...),
		Type: typ, OrgId: s.OrgId, UserId: s.UserId, UserType: in.Profile.UserType, SessionIds: sessions,
		ActorKind: s.ActorKind, AppId: s.AppId,
		Time:    aerv1.TimeMS(s.Last.GetTimeMs()),
		Window:  &aerv1.Window{Start: aerv1.TimeMS(s.WindowStartMs), End: aerv1.TimeMS(in.EndMS())},
		KnownAt: aerv1.TimeMS(in.EndMS()), EventIds: eventIDs(s), EpisodeKey: episode,
		Evidence: &aerv1.Evidence{BaselineVersion: in.Baseline.Version(), Notes: staleNotes(in.Baseline, in.EndMS())},
	}
}

// staleNotes says that the baseline was too old, if it was.
func staleNotes(b *baseline.Index, ms int64) []string {
	if note := b.StaleNote(time.UnixMilli(ms)); note != "" {
		return []string{note}
	}
	return nil
}

// eventIDs are the first events of a slice and its last, at most 16.
func eventIDs(s *aerv1.Slice) []string {
	const most = 16
	var ids []string
	for _, r := range s.Refs {
		ids = append(ids, r.Id)
	}
	if last := s.Last.GetId(); len(ids) == 0 || ids[len(ids)-1] != last {
		ids = append(ids[:min(len(ids), most-1)], last)
	}
	return ids
}

// FirstLast are the ids of a facet's first and last event.
func FirstLast(f *aerv1.Facet) []string {
	if f.FirstEventId == f.LastEventId {
		return []string{f.FirstEventId}
	}
	return []string{f.FirstEventId, f.LastEventId}
}

// FromEvent begins a finding that one event carries by itself. It shares nothing with the event, whose memory is used
// again.
func FromEvent(in *EventInput, typ, episode string) *aerv1.Anomaly {
	ev, at := in.Event, aerv1.Time(in.Event.Time.AsTime())
	who, _ := aerv1.PrincipalOfEvent(ev)
	id := append([]string{ev.OrgId, ev.UserId, typ, episode, "event", ev.Id}, who.IDParts()...)
	a := &aerv1.Anomaly{
		Id:   aerv1.NewID("anomaly", id...),
		Type: typ, OrgId: ev.OrgId, UserId: ev.UserId, UserType: ev.UserType, ActorKind: who.ActorKind, AppId: who.AppID,
		Time: at, Window: &aerv1.Window{Start: at, End: at}, KnownAt: at,
		EventIds: []string{ev.Id}, EpisodeKey: episode,
		Evidence: &aerv1.Evidence{BaselineVersion: in.Baseline.Version(), Client: proto.CloneOf(ev.Client),
			Notes: staleNotes(in.Baseline, ev.Time.AsTime().UnixMilli())},
	}
	if ev.SessionId != "" {
		a.SessionIds = []string{ev.SessionId}
	}
	return a
}

// Client renders a facet's client for evidence.
func Client(c *aerv1.FacetClient) *aerv1.Client {
	if c == nil {
		return nil
	}
	return &aerv1.Client{
		Ip: c.Ip, UserAgent: c.UserAgent, DeviceId: c.DeviceId, Ja4: c.Ja4, Asn: c.Asn, Country: c.Country,
		Facts: &aerv1.ClientFacts{Class: c.Class, Family: c.Family, Version: c.Version, Os: c.Os, Hosting: c.Hosting},
	}
}
