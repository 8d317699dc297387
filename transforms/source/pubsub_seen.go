// SPDX-License-Identifier: Apache-2.0

package source

import (
	"cmp"
	"time"

	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"github.com/cespare/xxhash/v2"
)

// How long a message that comes again is told from a new one.
const (
	// seenFor is for how long at least, unless there are more than seenMax messages in that time: as long as Dataflow's
	// own source does.
	seenFor = 10 * time.Minute
	// seenMax bounds the memory, to some 40 MB: it is reached above 1,700 messages a second.
	seenMax = 1 << 20
)

// seen knows which messages came lately. It is only as true as the history of the source that it was made in: after a
// runner has gone back to an earlier state, what came since comes again and is not again but the first time. So it goes
// with the chain of pulls, and begins anew where that does not fit.
type seen struct {
	chain uint64
	// Messages since turned, and those of the time before.
	now, before map[uint64]struct{}
	turned      time.Time
}

// follow says that the pulls so far led to a chain.
func (s *seen) follow(chain uint64, at time.Time) {
	if s.now == nil || s.chain != chain {
		*s = seen{chain: chain, now: map[uint64]struct{}{}, turned: at}
	}
}

// again adds a message and says whether it was there.
func (s *seen) again(message uint64, at time.Time) bool {
	if len(s.now) >= seenMax || at.Sub(s.turned) > seenFor {
		s.now, s.before, s.turned = map[uint64]struct{}{}, s.now, at
	}
	_, before := s.before[message]
	_, now := s.now[message]
	s.now[message] = struct{}{}
	return before || now
}

// messageKey tells a message from others: by the attribute of that name, which its publisher has set, or by the id that
// Pub/Sub gave it.
func messageKey(m *pubsubpb.PubsubMessage, idAttribute string) uint64 {
	return xxhash.Sum64String(cmp.Or(m.Attributes[idAttribute], m.MessageId))
}

// chained is the chain after another message.
func chained(chain, message uint64) uint64 { return (chain ^ message) * 0x9e3779b97f4a7c15 }
