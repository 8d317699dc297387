// SPDX-License-Identifier: Apache-2.0

package response

import (
	"cmp"
	"sync"
	"time"
)

// destinationsMax bounds what is remembered of failing mailboxes and the like: at 100 bytes each, a fraction of a
// megabyte. One that is forgotten costs a call its patience once more.
const destinationsMax = 4096

// outages remembers what used up the patience of a call. Until it answers again, further calls try it once and leave
// the rest to Resume: else each of a hundred decisions in an outage would hold up the stream for Patience. A mailbox
// that is full costs only what goes there: the mail of others is tried as patiently as ever.
type outages struct {
	mu  sync.Mutex
	out map[destination]bool
}

// destination is where a step leads: to whom, by which server. Steps of one channel, or of one kind without channels,
// share a server; who is empty where the server itself is meant.
type destination struct{ server, who string }

func (s step) destination() destination {
	return destination{cmp.Or(s.key.Channel, s.key.Kind), string(s.key.OrgID) + "/" + cmp.Or(s.address, s.key.Target)}
}

func (d destination) itself() destination { return destination{server: d.server} }

func (o *outages) patience(d destination, usual time.Duration) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.out[d] || o.out[d.itself()] {
		return 0
	}
	return usual
}

// begin notes an outage: of the server, or of one who alone is concerned, which shows that the server answers.
func (o *outages) begin(d destination, oneOnly bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.out == nil {
		o.out = map[destination]bool{}
	}
	if !oneOnly {
		o.out[d.itself()] = true
		return
	}
	delete(o.out, d.itself())
	for other := range o.out {
		if len(o.out) < destinationsMax || o.out[d] {
			break
		}
		if other.who != "" {
			delete(o.out, other)
		}
	}
	o.out[d] = true
}

func (o *outages) over(d destination) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.out, d)
	delete(o.out, d.itself())
}
