// SPDX-License-Identifier: Apache-2.0

package caep_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/caep"
	"github.com/aer-project/aer/sinks/sinktest"
)

func now() time.Time { return sinktest.T0 }

func pemOf(t *testing.T, key any) secret.Source {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return sinktest.Secret(string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
}

func ecKey(t *testing.T) secret.Source {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return pemOf(t, k)
}

func rsaKey(t *testing.T, bits int) *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// conf is a configuration with what its references mean.
type conf struct {
	caep.Config
	Keys  []secret.Source
	Token secret.Source
	Email func(ctx context.Context, org aerv1.OrgID, user aerv1.UserID) (string, error)
}

func adapter(t *testing.T, url string, change func(*conf)) *caep.Adapter {
	t.Helper()
	c := conf{Config: caep.Config{URL: url, Issuer: issuer, Audience: audience}}
	if change != nil {
		change(&c)
	}
	if c.Keys == nil {
		c.Keys = []secret.Source{ecKey(t)}
	}
	a, err := caep.New(context.Background(), c.Config,
		caep.Options{Keys: c.Keys, Token: c.Token, Email: c.Email, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	return a
}

var request = sessions.Request{Key: "k1", OrgID: "O1", UserID: "U1", SessionIDs: []string{"S1", "S2"}}

func TestConformance(t *testing.T) {
	key := ecKey(t)
	sinktest.Sessions(t, func(t *testing.T) (sinktest.SessionsUnderTest, func() sinktest.SessionsUnderTest) {
		r := newReceiver(t)
		open := func() sinktest.SessionsUnderTest {
			a := adapter(t, r.URL, func(c *conf) { c.Keys = []secret.Source{key} })
			r.trust(t, a)
			return sinktest.SessionsUnderTest{
				Adapter: a, Alive: r.world.Alive, Break: r.breakNext, CountUnknown: true,
				SignIn: func(org, user, id string) { r.world.SignIn(org, user, id) },
			}
		}
		return open(), open
	})
}

// TestToken: what a receiver gets, claim by claim.
func TestToken(t *testing.T) {
	for name, key := range map[string]secret.Source{
		"ES256": ecKey(t), "RS256": pemOf(t, rsaKey(t, 2048)),
		"EdDSA": func() secret.Source { _, k, _ := ed25519.GenerateKey(rand.Reader); return pemOf(t, k) }(),
	} {
		t.Run(name, func(t *testing.T) {
			r := newReceiver(t)
			a := adapter(t, r.URL, func(c *conf) { c.Keys, c.Token = []secret.Source{key}, sinktest.Secret("bearer-1") })
			r.trust(t, a)
			res, err := a.Revoke(context.Background(), request)
			if err != nil || res != (sessions.Result{CountUnknown: true}) {
				t.Fatalf("%+v, %v", res, err)
			}
			got := r.tokens[0]
			if got.algorithm != name || got.authorization != "Bearer bearer-1" {
				t.Errorf("signed with %s, authorised by %q", got.algorithm, got.authorization)
			}
			wantClaims(t, got.claims, `{"iss":"https://aer.example","aud":"https://receiver.example","iat":1795341600,"txn":"k1",
				"sub_id":{"format":"complex","user":{"format":"opaque","id":"U1"},"tenant":{"format":"opaque","id":"O1"}}}`)
			wantEvent(t, got.claims)
		})
	}
}

// TestSubjects: each listed session has a token of its own; users can be named by issuer and subject.
func TestSubjects(t *testing.T) {
	r := newReceiver(t)
	a := adapter(t, r.URL, func(c *conf) { c.UserIssuer = "https://idp.example" })
	r.trust(t, a)
	listed := request
	listed.Scope = sessions.ScopeListed
	if _, err := a.Revoke(context.Background(), listed); err != nil {
		t.Fatal(err)
	}
	for i, id := range []string{"S1", "S2"} {
		wantClaims(t, r.tokens[i].claims, `{"sub_id":{"format":"complex","user":{"format":"iss_sub","iss":"https://idp.example","sub":"U1"},
			"tenant":{"format":"opaque","id":"O1"},"session":{"format":"opaque","id":"`+id+`"}}}`)
	}
	if r.tokens[0].claims["jti"] == r.tokens[1].claims["jti"] {
		t.Error("two tokens have one id")
	}
	if _, err := a.Revoke(context.Background(), listed); err != nil {
		t.Fatal(err)
	}
	if len(r.tokens) != 4 || r.tokens[0].claims["jti"] != r.tokens[2].claims["jti"] {
		t.Error("a token that is sent again has another id")
	}
}

// TestKeysAreChanged: in each step of a change the receiver, who looks at the published keys only when it does not know
// one, can verify what it gets.
func TestKeysAreChanged(t *testing.T) {
	r := newReceiver(t)
	before, after := ecKey(t), ecKey(t)
	for i, keys := range [][]secret.Source{{before}, {before, after}, {after, before}, {after}} {
		a := adapter(t, r.URL, func(c *conf) { c.Keys = keys })
		srv := httptest.NewServer(a.Handler())
		t.Cleanup(srv.Close)
		r.setJWKS(srv.URL)
		step := request
		step.Key = time.Duration(i).String()
		if _, err := a.Revoke(context.Background(), step); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	kids := []string{}
	for _, tok := range r.tokens {
		kids = append(kids, tok.kid)
	}
	if len(kids) != 4 || kids[0] != kids[1] || kids[1] == kids[2] || kids[2] != kids[3] || slices.Contains(kids, "") {
		t.Errorf("signed with %q", kids)
	}
	stranger := adapter(t, r.URL, nil)
	if _, err := stranger.Revoke(context.Background(), request); err == nil ||
		!strings.Contains(err.Error(), "invalid_key") || !retry.Recoverable(err) {
		t.Errorf("a stranger's token: %v", err)
	}
}

// TestJWKSHoldsNothingPrivate.
func TestJWKSHoldsNothingPrivate(t *testing.T) {
	a := adapter(t, "https://receiver.example/",
		func(c *conf) { c.Keys = []secret.Source{ecKey(t), pemOf(t, rsaKey(t, 2048))} })
	w := httptest.NewRecorder()
	a.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/", nil))
	for _, member := range []string{`"d"`, `"p"`, `"q"`, `"dp"`, `"qi"`} {
		if strings.Contains(w.Body.String(), member) {
			t.Errorf("member %s is public: %s", member, w.Body)
		}
	}
	if w.Code != 200 || strings.Count(w.Body.String(), `"kid"`) != 2 ||
		w.Header().Get("Content-Type") != "application/jwk-set+json" {
		t.Errorf("answer %d %v %s", w.Code, w.Header(), w.Body)
	}
}

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name, body string
		status     int
		ok, retry  bool
		say        string
	}{
		{"taken", ``, 202, true, false, ""},
		{"taken with words", `{"ok":true}`, 202, true, false, ""},
		{"taken at once", ``, 200, true, false, ""},
		{"taken at once with words", `{"status":"ok"}`, 200, true, false, ""},
		{"taken without a word", ``, 204, true, false, ""},
		{"lies", `{"err":"access_denied","description":"no"}`, 202, false, true, `status 202: err "access_denied" "no"`},
		{"other success", ``, 206, false, false, "status 206, want 202, 200 or 204"},
		{"refused", `{"err":"invalid_request","description":"no sub_id"}`, 400, false, false,
			`"invalid_request" "no sub_id"`},
		{"for somebody else", `{"err":"invalid_audience","description":"x"}`, 400, false, false, "invalid_audience"},
		{"denied", `{"err":"access_denied"}`, 403, false, false, "access_denied"},
		{"not let in", `{"err":"authentication_failed"}`, 401, false, false, "want its bearer token as token"},
		{"not let in, without words", ``, 401, false, false, "status 401: the receiver does not let AER in"},
		{"key not fetched yet", `{"err":"invalid_key"}`, 400, false, true, "invalid_key"},
		{"no JSON", `<html>`, 400, false, false, "status 400, want 202, 200 or 204"},
		{"too many", ``, 429, false, true, "status 429"},
		{"down", ``, 503, false, true, "status 503"},
		{"moved", ``, 302, false, false, "status 302"},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.body)
			}))
			t.Cleanup(srv.Close)
			_, err := adapter(t, srv.URL, nil).Revoke(context.Background(), request)
			if c.ok != (err == nil) || err != nil &&
				(retry.Recoverable(err) != c.retry || !strings.Contains(err.Error(), c.say)) {
				t.Errorf("error is %v", err)
			}
		})
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	text := func(s string) secret.Source { return sinktest.Secret(s) }
	for want, key := range map[string]secret.Source{
		"is no PEM":      text("hunter2"),
		"no unencrypted": text("-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n"),
		"at least 2048":  pemOf(t, rsaKey(t, 1024)),
		"another kind":   pemOf(t, p384),
	} {
		_, err := caep.New(context.Background(), caep.Config{}, caep.Options{Keys: []secret.Source{key}, Now: now})
		if err == nil || !strings.Contains(err.Error(), "keys[0]: ") || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}
