package transforms

import (
	"slices"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"

	"github.com/aer-project/aer/transforms/watermark"
)

// pullState is what one bundle of the Pub/Sub source hands to the next.
type pullState struct {
	acks        []string // pulled by the last bundle, to be acknowledged by this one
	pulled      int64    // messages in all
	recentMS    []int64  // the oldest event time of each of the last pulls, oldest pull first
	watermarkMS int64    // 0 = unknown
	// ahead are the users whose events were ahead of their publication.
	ahead watermark.Witnesses
}

func (s *pullState) encode() []byte {
	p := packer{buf: make([]byte, 0, 32+200*len(s.acks))}
	p.int(s.pulled)
	p.int(s.watermarkMS)
	p.int(int64(len(s.recentMS)))
	for _, ms := range s.recentMS {
		p.int(ms)
	}
	ahead := s.ahead.State()
	p.int(int64(len(ahead)))
	for _, v := range ahead {
		p.int(v)
	}
	p.int(int64(len(s.acks)))
	for _, a := range s.acks {
		p.string(a)
	}
	return p.buf
}

func decodePullState(b []byte) (*pullState, error) {
	s := &pullState{}
	if len(b) == 0 {
		return s, nil
	}
	u := unpacker{buf: b}
	s.pulled, s.watermarkMS = u.int(), u.int()
	for n := u.count(); n > 0; n-- {
		s.recentMS = append(s.recentMS, u.int())
	}
	var ahead []int64
	for n := u.count(); n > 0; n-- {
		ahead = append(ahead, u.int())
	}
	s.ahead.Restore(ahead)
	for n := u.count(); n > 0; n-- {
		s.acks = append(s.acks, u.string())
	}
	return s, u.err
}

// advance moves the watermark after a pull that took waitedMS and brought messages of the given event times, bounded by
// boundMS.
//
// With messages, the watermark is the oldest event of the recent pulls minus the skew; it is not known before there were as
// many pulls as are remembered, so that the first message does not speak for those behind it. Without messages, event time is
// taken to pass as fast as the clock, so that windows close when traffic pauses: at live traffic this keeps the lag as it is,
// and a simulation that runs ahead of the clock loses nothing. The watermark never goes back.
func (s *pullState) advance(timesMS []int64, skewMS, waitedMS int64) {
	switch {
	case len(timesMS) > 0:
		s.pulled += int64(len(timesMS))
		s.recentMS = append(s.recentMS, slices.Min(timesMS))
		s.recentMS = s.recentMS[max(0, len(s.recentMS)-pullsRemembered):]
		if s.watermarkMS == 0 && len(s.recentMS) < pullsRemembered {
			return
		}
	case s.watermarkMS != 0:
		s.watermarkMS += waitedMS
		return
	case len(s.recentMS) == 0:
		return
	}
	if mark := slices.Min(s.recentMS) - skewMS; mark > s.watermarkMS || s.watermarkMS == 0 {
		s.watermarkMS = mark
	}
}

// boundMS is a message's time as far as it may move the watermark: see watermark.Witnesses.Bound. Only a message from ahead
// of its publication is a witness, because the others need none.
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
