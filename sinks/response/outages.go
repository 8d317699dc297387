package response

import (
	"sync"
	"time"

	"github.com/aer-project/aer/sinks/ledger"
)

// outages remembers which outside servers used up the patience of a call. Until one of them answers again, further calls try
// it once and leave the rest to Resume: else each of a hundred decisions in an outage would hold up the stream for Patience.
type outages struct {
	mu  sync.Mutex
	out map[[2]string]bool
}

// server is what a step depends on, as far as can be told: steps of one kind and channel share a server.
func server(k ledger.Key) [2]string { return [2]string{k.Kind, k.Channel} }

func (o *outages) patience(k ledger.Key, usual time.Duration) time.Duration {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.out[server(k)] {
		return 0
	}
	return usual
}

func (o *outages) begin(k ledger.Key) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.out == nil {
		o.out = map[[2]string]bool{}
	}
	o.out[server(k)] = true
}

func (o *outages) over(k ledger.Key) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.out, server(k))
}
