// SPDX-License-Identifier: Apache-2.0

package caep_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/caep"
	"github.com/aer-project/aer/sinks/sinktest"
)

const (
	issuer   = "https://aer.example"
	audience = "https://receiver.example"
)

// token is a verified token as the receiver got it.
type token struct {
	algorithm, kid, authorization string
	claims                        map[string]any
}

// receiver is a Shared Signals receiver: it verifies with the published keys, and acts once per jti.
type receiver struct {
	*httptest.Server
	world  *sinktest.World
	mu     sync.Mutex
	jwks   string
	known  jose.JSONWebKeySet
	tokens []token
	after  *bool
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{world: sinktest.NewWorld()}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Server.Close)
	return r
}

// trust takes the published keys of an adapter, as from a file.
func (r *receiver) trust(t *testing.T, a *caep.Adapter) {
	t.Helper()
	var b bytes.Buffer
	if err := a.WriteJWKS(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := json.Unmarshal(b.Bytes(), &r.known); err != nil {
		t.Fatal(err)
	}
}

func (r *receiver) setJWKS(url string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.jwks = url
}

func (r *receiver) breakNext(after bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.after = &after
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	after := r.after
	r.after = nil
	if after != nil && !*after {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if code, err := r.take(req); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(map[string]string{"err": code, "description": err.Error()})
		return
	}
	if after != nil {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(http.StatusAccepted)
}

func (r *receiver) take(req *http.Request) (code string, err error) {
	if ct := req.Header.Get("Content-Type"); req.Method != http.MethodPost || ct != "application/secevent+jwt" {
		return "invalid_request", fmt.Errorf("%s of %q", req.Method, ct)
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return "invalid_request", err
	}
	signed, err := jose.ParseSignedCompact(string(body), []jose.SignatureAlgorithm{jose.RS256, jose.ES256, jose.EdDSA})
	if err != nil {
		return "invalid_request", err
	}
	h := signed.Signatures[0].Header
	if h.ExtraHeaders["typ"] != "secevent+jwt" {
		return "invalid_request", fmt.Errorf("typ is %v", h.ExtraHeaders["typ"])
	}
	payload, err := r.verify(signed, h.KeyID)
	if err != nil {
		return "invalid_key", err
	}
	tok := token{algorithm: h.Algorithm, kid: h.KeyID, authorization: req.Header.Get("Authorization")}
	if err := json.Unmarshal(payload, &tok.claims); err != nil {
		return "invalid_request", err
	}
	return r.act(tok)
}

// verify uses the key that the token names, fetching the published ones when it is not known.
func (r *receiver) verify(signed *jose.JSONWebSignature, kid string) ([]byte, error) {
	if len(r.known.Key(kid)) == 0 && r.jwks != "" {
		resp, err := http.Get(r.jwks)
		if err != nil {
			return nil, err
		}
		defer func() { _ = resp.Body.Close() }()
		r.known = jose.JSONWebKeySet{}
		if err := json.NewDecoder(resp.Body).Decode(&r.known); err != nil {
			return nil, err
		}
	}
	keys := r.known.Key(kid)
	if len(keys) != 1 || !keys[0].IsPublic() {
		return nil, fmt.Errorf("%d keys are called %q", len(keys), kid)
	}
	return signed.Verify(keys[0])
}

func (r *receiver) act(tok token) (code string, err error) {
	c := tok.claims
	if c["iss"] != issuer || c["aud"] != audience || c["jti"] == "" || c["sub"] != nil || c["exp"] != nil {
		return "invalid_request", fmt.Errorf("claims are %v", c)
	}
	r.tokens = append(r.tokens, tok)
	sub, ok := c["sub_id"].(map[string]any)
	if !ok {
		return "invalid_request", fmt.Errorf("sub_id is %v", c["sub_id"])
	}
	if sub["format"] != "complex" {
		return "", nil // the test looks at it; the world knows no people without a tenant
	}
	id := func(of string) string {
		m, _ := sub[of].(map[string]any)
		s, _ := m["id"].(string)
		if s == "" {
			s, _ = m["sub"].(string)
		}
		return s
	}
	end := sessions.Request{Key: fmt.Sprint(c["jti"]), OrgID: aerv1.OrgID(id("tenant")), UserID: aerv1.UserID(id("user"))}
	if sub["session"] != nil {
		end.Scope, end.SessionIDs = sessions.ScopeListed, []string{id("session")}
	}
	if _, err = r.world.Revoke(context.Background(), end); err != nil {
		return "invalid_request", err
	}
	return "", nil
}

// wantClaims compares the claims that want has.
func wantClaims(t *testing.T, got map[string]any, want string) {
	t.Helper()
	var w map[string]any
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		t.Fatal(err)
	}
	for name, value := range w {
		if diff := cmp.Diff(value, got[name]); diff != "" {
			t.Errorf("claim %s (-want +got):\n%s", name, diff)
		}
	}
}

func wantEvent(t *testing.T, claims map[string]any) {
	t.Helper()
	events, _ := claims["events"].(map[string]any)
	e, _ := events["https://schemas.openid.net/secevent/caep/event-type/session-revoked"].(map[string]any)
	if len(events) != 1 || e["event_timestamp"] != float64(sinktest.T0.Unix()) || e["initiating_entity"] != "policy" {
		t.Errorf("events are %v", events)
	}
	for _, name := range []string{"reason_admin", "reason_user"} {
		by, _ := e[name].(map[string]any)
		if by["en"] == nil || by["de"] == nil {
			t.Errorf("%s is %v", name, e[name])
		}
	}
}
