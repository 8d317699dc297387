// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
)

// Sender posts signed requests to one address. It is safe for concurrent use.
type Sender struct {
	url     string
	secrets []secret.Source
	now     func() time.Time
	post    *post.Client
}

// NewSender returns the sender to url. It signs each request with all the secrets; the zero timeout means post.Timeout,
// and now is the wall clock.
func NewSender(url string, timeout time.Duration, secrets []secret.Source, now func() time.Time) *Sender {
	return &Sender{url: url, secrets: secrets, now: now, post: post.New(timeout)}
}

// Send posts a message as JSON under an idempotency key. It fails only if no answer came.
func (s *Sender) Send(ctx context.Context, key string, message any) (post.Answer, error) {
	body, err := json.Marshal(message)
	if err != nil {
		return post.Answer{}, retry.Permanent(err)
	}
	header, err := header(ctx, key, body, s.now(), s.secrets)
	if err != nil {
		return post.Answer{}, err
	}
	return s.post.Post(ctx, s.url, header, body)
}

// Close lets go of connections.
func (s *Sender) Close() error {
	s.post.Close()
	return nil
}
