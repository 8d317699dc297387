// SPDX-License-Identifier: Apache-2.0

package caep_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/caep"
	"github.com/aer-project/aer/sinks/sinktest"
)

var addresses = func(_ context.Context, org aerv1.OrgID, user aerv1.UserID) (string, error) {
	if user != "U1" {
		return "", retry.Permanent(fmt.Errorf("no address for %s in %s", user, org))
	}
	return "ada@acme.example", nil
}

// TestSimpleSubjects: who is named as the interoperability profile has it, under RS256.
func TestSimpleSubjects(t *testing.T) {
	for subject, want := range map[caep.Subject]string{
		caep.SubjectIssSub: `{"sub_id":{"format":"iss_sub","iss":"https://idp.example","sub":"U1"}}`,
		caep.SubjectEmail:  `{"sub_id":{"format":"email","email":"ada@acme.example"}}`,
		caep.SubjectOpaque: `{"sub_id":{"format":"opaque","id":"U1"}}`,
	} {
		t.Run(string(subject), func(t *testing.T) {
			r := newReceiver(t)
			a := adapter(t, r.URL, func(c *conf) {
				c.Subject, c.UserIssuer, c.Email = subject, "https://idp.example", addresses
				c.Keys = []secret.Source{pemOf(t, rsaKey(t, 2048))}
			})
			r.trust(t, a)
			if _, err := a.Revoke(context.Background(), request); err != nil {
				t.Fatal(err)
			}
			wantClaims(t, r.tokens[0].claims, want)
			wantEvent(t, r.tokens[0].claims)
			if r.tokens[0].algorithm != "RS256" {
				t.Errorf("signed with %s", r.tokens[0].algorithm)
			}
			single := request
			single.Scope = sessions.ScopeListed
			if _, err := a.Revoke(context.Background(), single); err == nil || retry.Recoverable(err) ||
				!strings.Contains(err.Error(), "complex") {
				t.Errorf("a single session: %v, want a permanent error that says which subject can", err)
			}
			if len(r.tokens) != 1 {
				t.Errorf("%d tokens were sent: more may be ended than was asked for", len(r.tokens))
			}
		})
	}
}

func TestNobodyIsNamedWithoutAnAddress(t *testing.T) {
	r := newReceiver(t)
	a := adapter(t, r.URL, func(c *conf) { c.Subject, c.Email = caep.SubjectEmail, addresses })
	r.trust(t, a)
	somebody := request
	somebody.UserID = "U2"
	if _, err := a.Revoke(context.Background(), somebody); err == nil || retry.Recoverable(err) || len(r.tokens) != 0 {
		t.Errorf("error is %v, %d tokens", err, len(r.tokens))
	}
}

// TestOldFormOfKey: keys as openssl genrsa -traditional writes them.
func TestOldFormOfKey(t *testing.T) {
	k, err := rsa.GenerateKey(rand.Reader, 3072)
	if err != nil {
		t.Fatal(err)
	}
	r := newReceiver(t)
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(k)})
	a := adapter(t, r.URL, func(c *conf) { c.Keys = []secret.Source{sinktest.Secret(string(text))} })
	r.trust(t, a)
	if _, err := a.Revoke(context.Background(), request); err != nil || r.tokens[0].algorithm != "RS256" {
		t.Errorf("%v, tokens %v", err, r.tokens)
	}
}

// TestVerify: the stream is the subject, and the state is the receiver's own or is not there.
func TestVerify(t *testing.T) {
	r := newReceiver(t)
	a := adapter(t, r.URL, nil)
	r.trust(t, a)
	for _, state := range []string{"VGhpcyBp", ""} {
		if err := a.Verify(context.Background(), "stream-1", state); err != nil {
			t.Fatal(err)
		}
		c := r.tokens[len(r.tokens)-1].claims
		wantClaims(t, c,
			`{"iss":"https://aer.example","aud":"https://receiver.example","iat":1795341600,"sub_id":{"format":"opaque","id":"stream-1"}}`)
		want := map[string]any{}
		if state != "" {
			want["state"] = state
		}
		if diff := cmp.Diff(map[string]any{"https://schemas.openid.net/secevent/ssf/event-type/verification": want},
			c["events"]); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		if c["txn"] != nil || c["jti"] == "" {
			t.Errorf("claims are %v", c)
		}
	}
	if r.tokens[0].claims["jti"] == r.tokens[1].claims["jti"] {
		t.Error("two events have one id")
	}
	if err := a.Verify(context.Background(), "", "x"); err == nil || retry.Recoverable(err) {
		t.Errorf("no stream: %v", err)
	}
}

// guarded is a receiver that lets one token in.
func guarded(t *testing.T, token string) (url string, asked *[]string) {
	asked = &[]string{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		*asked = append(*asked, r.Header.Get("Authorization"))
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, asked
}

// TestTokenIsChanged: a token that the receiver refuses is read again; only a new one is tried, once.
func TestTokenIsChanged(t *testing.T) {
	url, asked := guarded(t, "new")
	file := filepath.Join(t.TempDir(), "token")
	write := func(s string) {
		if err := os.WriteFile(file, []byte(s), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("old")
	ref, err := sinktest.ParseRef("file:" + file)
	if err != nil {
		t.Fatal(err)
	}
	token, err := (&secret.Loader{}).Follow(context.Background(), ref, func() time.Time { return now() })
	if err != nil {
		t.Fatal(err)
	}
	a := adapter(t, url, func(c *conf) { c.Token = token })
	if _, err := a.Revoke(context.Background(), request); err == nil || retry.Recoverable(err) ||
		!strings.Contains(err.Error(), "want a new one") || len(*asked) != 1 {
		t.Errorf("the old token: %v after asking %q", err, *asked)
	}
	write("new")
	if _, err := a.Revoke(context.Background(), request); err != nil {
		t.Errorf("the new token: %v", err)
	}
	if diff := cmp.Diff([]string{"Bearer old", "Bearer old", "Bearer new"}, *asked); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}
}
