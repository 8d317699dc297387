// SPDX-License-Identifier: Apache-2.0

package caep_test

import (
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/caep"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestAddressesComeFromTheDirectory: as it is when sessions are ended, and who has none there is not named.
func TestAddressesComeFromTheDirectory(t *testing.T) {
	s, err := kv.Open(filepath.Join(t.TempDir(), "aer.db"), kv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	var claims []string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		token, _ := io.ReadAll(r.Body)
		payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(string(token), ".")[1])
		claims = append(claims, string(payload))
	}))
	t.Cleanup(srv.Close)
	key, err := ecKey(t).Get(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	ref, err := sinktest.ParseRef("env:KEY")
	if err != nil {
		t.Fatal(err)
	}
	loader := &secret.Loader{LookupEnv: func(string) (string, bool) { return key.Reveal(), true }}
	conf := caep.Config{URL: srv.URL, Issuer: "i", Audience: "a", Subject: caep.SubjectEmail, Keys: []secret.Ref{ref}}
	a, err := caep.Open(context.Background(), conf, sessions.Options{Directory: directory.New(s), Secrets: loader,
		Now: func() time.Time { return sinktest.T0 }})
	if err != nil {
		t.Fatal(err)
	}

	r := sessions.Request{Key: "k", OrgID: "O1", UserID: "U1"}
	if _, err := a.Revoke(context.Background(), r); err == nil || retry.Recoverable(err) ||
		!strings.Contains(err.Error(), "sessions.caep.subject") {
		t.Errorf("nobody is known: %v", err)
	}
	people := &aerv1.Directory{OrgId: "O1", People: []*aerv1.Person{{UserId: "U2", Email: "bela@acme.example"},
		{UserId: "U1", Email: "ada@acme.example"}}}
	if err := sinktest.PutPeople(context.Background(), s, people); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Revoke(context.Background(), r); err != nil {
		t.Fatal(err)
	}
	if len(claims) != 1 || !strings.Contains(claims[0], `"sub_id":{"format":"email","email":"ada@acme.example"}`) {
		t.Errorf("claims are %q", claims)
	}
}
