// SPDX-License-Identifier: Apache-2.0

package source

import (
	"slices"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/watermark"
)

// pullState is what one bundle of the Pub/Sub source hands to the next.
type pullState struct {
	aerv1.PullState
	ahead watermark.Witnesses
}

func openPullState(kept *aerv1.PullState) *pullState {
	s := &pullState{}
	proto.Merge(&s.PullState, kept)
	s.ahead.Restore(s.Ahead)
	if len(s.Acks) > 0 { // of a version that held one pull
		s.Held, s.Acks = append(s.Held, &aerv1.HeldPull{Chain: s.Chain, Acks: s.Acks}), nil
	}
	return s
}

// due takes out the pulls that are held for so long.
func (s *pullState) due(now time.Time, after time.Duration) (pulls []*aerv1.HeldPull) {
	n := 0
	for n < len(s.Held) && now.UnixMilli()-s.Held[n].AtMs >= after.Milliseconds() {
		n++
	}
	pulls, s.Held = s.Held[:n:n], s.Held[n:]
	return pulls
}

// holds is how much is held.
func (s *pullState) holds() (messages int, bytes int64) {
	for _, h := range s.Held {
		messages, bytes = messages+len(h.Acks), bytes+h.Bytes
	}
	return messages, bytes
}

// holdPull adds a pull to what is held.
func (s *pullState) holdPull(now time.Time, msgs []*pubsubpb.ReceivedMessage, idAttribute string) {
	if len(msgs) == 0 {
		return
	}
	h := &aerv1.HeldPull{AtMs: now.UnixMilli()}
	for _, m := range msgs {
		h.Acks = append(h.Acks, m.AckId)
		h.Bytes += int64(len(m.Message.GetData()))
		s.Chain = chained(s.Chain, messageKey(m.Message, idAttribute))
	}
	h.Chain = s.Chain
	s.Held = append(s.Held, h)
	s.Pulled += int64(len(msgs))
}

// claim is the state to go on from.
func (s *pullState) claim() *aerv1.PullState {
	s.Ahead = s.ahead.State()
	return &s.PullState
}

// advance moves the watermark after a pull that took waitedMS and brought messages of the given event times, bounded by
// boundMS; full says that there may have been more.
//
// With messages, the watermark is the oldest event of the recent pulls minus the skew; it is not known before there
// were as many pulls as are remembered, so that the first message does not speak for those behind it. Of a backlog more
// pulls are looked at, because a server hands it out in no order; a pull that is not full brings what came since the
// one before it. Without messages, event time is taken to pass as fast as the clock, so that windows close when traffic
// pauses: at live traffic this keeps the lag as it is, and a simulation that runs ahead of the clock loses nothing. The
// watermark never goes back.
func (s *pullState) advance(timesMS []int64, full bool, skewMS, waitedMS int64) {
	looked := pullsRemembered
	if !full && len(timesMS) > 0 {
		looked = pullsNotFull
	}
	switch {
	case len(timesMS) > 0:
		s.RecentMs = append(s.RecentMs, slices.Min(timesMS))
		s.RecentMs = s.RecentMs[max(0, len(s.RecentMs)-pullsRemembered):]
		if s.WatermarkMs == 0 && len(s.RecentMs) < pullsRemembered {
			return
		}
	case s.WatermarkMs != 0:
		s.WatermarkMs += waitedMS
		return
	case len(s.RecentMs) == 0:
		return
	}
	recent := s.RecentMs[max(0, len(s.RecentMs)-looked):]
	if mark := slices.Min(recent) - skewMS; mark > s.WatermarkMs || s.WatermarkMs == 0 {
		s.WatermarkMs = mark
	}
}

// boundMS is a message's time as far as it may move the watermark: see watermark.Witnesses.Bound. Only a message from
// ahead of its publication is a witness, because the others need none.
func (s *pullState) boundMS(m *pubsubpb.PubsubMessage, ms int64) int64 {
	if m.PublishTime == nil {
		return ms
	}
	published := m.PublishTime.AsTime().UnixMilli()
	if ms > published {
		if _, user, ok := oldestEvent(m.Data); ok {
			s.ahead.Observe(user, ms)
		}
	}
	return s.ahead.Bound(ms, published)
}

// oldestEvent is the time of the oldest event in a raw message, Unix milliseconds, and its user (watermark.User); ok is
// false for garbage. It decodes the whole message: publishers save us that by an attribute that says the time.
func oldestEvent(raw []byte) (ms int64, user uint64, ok bool) {
	evs, _ := event.Decode(raw, event.Source{}, event.Options{})
	for _, ev := range evs {
		if t := ev.Time.AsTime().UnixMilli(); !ok || t < ms {
			ms, user, ok = t, watermark.User(ev.OrgId, ev.UserId), true
		}
	}
	return ms, user, ok
}
