// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"github.com/aer-project/aer/sinks/sessions/webhook/webhookref"
)

// secret signs the webhooks of a measurement.
const secret = "a secret of the bench, 32 bytes long"

// platform is a service whose sessions are ended, behind the reference receiver of the webhook. It notes when.
type platform struct {
	server *httptest.Server

	mu    sync.Mutex
	ended map[string]time.Time // by user, the first time
}

func newPlatform() *platform {
	p := &platform{ended: map[string]time.Time{}}
	p.server = httptest.NewServer(http.Handler(&webhookref.Handler{Platform: p, Secrets: []string{secret}, Now: time.Now}))
	return p
}

// End implements webhookref.Platform.
func (p *platform) End(_ context.Context, _, user string, _ []string) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, before := p.ended[user]; !before {
		p.ended[user] = time.Now()
	}
	return 1, nil
}

// when is when a user's sessions were ended.
func (p *platform) when(user string) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at, ok := p.ended[user]
	return at, ok
}
