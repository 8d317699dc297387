// SPDX-License-Identifier: Apache-2.0

package caep

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
)

// push sends a token. A receiver that does not let AER in gets it once more if the bearer token has changed meanwhile:
// secrets are read again only every few minutes.
func (a *Adapter) push(ctx context.Context, token string) error {
	if a.o.Token == nil {
		answer, err := a.exchange(ctx, token, secret.Value{})
		if err != nil {
			return err
		}
		return a.read(answer)
	}
	bearer, err := a.o.Token.Get(ctx)
	if err != nil {
		return err
	}
	answer, err := a.exchange(ctx, token, bearer)
	if err != nil {
		return err
	}
	if refused(answer) {
		now, err := secret.Again(ctx, a.o.Token)
		if err == nil && now.Reveal() != bearer.Reveal() {
			if answer, err = a.exchange(ctx, token, now); err != nil {
				return err
			}
		}
	}
	return a.read(answer)
}

// refused says that the receiver does not let the sender in.
func refused(answer post.Answer) bool {
	return answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden
}

func (a *Adapter) exchange(ctx context.Context, token string, bearer secret.Value) (post.Answer, error) {
	h := http.Header{}
	h.Set("Content-Type", "application/"+typeSET)
	h.Set("Accept", "application/json")
	h.Set("User-Agent", "aer")
	if !bearer.Empty() {
		h.Set("Authorization", "Bearer "+bearer.Reveal())
	}
	return a.post.Post(ctx, a.c.URL, h, []byte(token))
}

// codeInvalidKey is a refusal that a repetition may cure: the receiver has not yet fetched the key that signs now.
const codeInvalidKey = "invalid_key"

// read takes an answer apart. Accepted is 202 (RFC 8935, 2.2), and what receivers answer instead: 200 and 204. Other
// successes are not known to mean anything, and would be the same next time. Refusals have a code (RFC 8935, 2.4) and
// stay, as does not being let in: only somebody who changes the credentials can cure that.
func (a *Adapter) read(answer post.Answer) error {
	var refusal struct {
		Code        string `json:"err"`
		Description string `json:"description"`
	}
	_ = json.Unmarshal(answer.Body, &refusal) // most answers have no body
	err := fmt.Errorf("status %d", answer.Status)
	if refusal.Code != "" {
		err = fmt.Errorf("%w: err %s %s", err, post.Quote(refusal.Code), post.Quote(refusal.Description))
	}
	switch {
	case refused(answer):
		return retry.Permanent(fmt.Errorf("%w: %s", err, a.credentials()))
	case refusal.Code == codeInvalidKey:
		return retry.After(err, answer.RetryAfter(a.o.Now()))
	case refusal.Code != "":
		return answer.Classify(err, a.o.Now())
	}
	switch answer.Status {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
		return nil
	}
	err = fmt.Errorf("%w, want 202, 200 or 204", err)
	if answer.Status < 300 {
		return retry.Permanent(err)
	}
	return answer.Classify(err, a.o.Now())
}

// credentials says which ones the receiver did not accept.
func (a *Adapter) credentials() string {
	if a.o.Token == nil {
		return "the receiver does not let AER in, want its bearer token as token"
	}
	return "the receiver does not let AER in with this token, want a new one"
}
