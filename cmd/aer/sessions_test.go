// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"
)

// TestSessionsVerify: what an operator sends is what a receiver can read with the keys that another verb prints.
func TestSessionsVerify(t *testing.T) {
	var pushed [][]byte
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		pushed = append(pushed, body)
	}))
	t.Cleanup(srv.Close)
	conf := receiverConfig(t, srv.URL, "stream_id: stream-1")

	keys, _, code := call(t, "sessions", "keys", "--config", conf)
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(keys), &set); err != nil || code != exitOK || len(set.Keys) != 1 ||
		!set.Keys[0].IsPublic() {
		t.Fatalf("exit %d, keys %s: %v", code, keys, err)
	}
	if out, errs, code := call(t, "sessions", "verify", "--config", conf, "--state", "s-1"); code != exitOK ||
		!strings.Contains(out, "took a verification event of the stream stream-1") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if len(pushed) != 1 {
		t.Fatalf("%d tokens", len(pushed))
	}
	token, err := jose.ParseSignedCompact(string(pushed[0]), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	claims, err := token.Verify(set.Keys[0])
	if err != nil || !strings.Contains(string(claims), `"state":"s-1"`) ||
		!strings.Contains(string(claims), `"id":"stream-1"`) {
		t.Errorf("claims %s: %v", claims, err)
	}
}

func TestSessionsSaysWhatIsWrong(t *testing.T) {
	srv := httptest.NewServer(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	t.Cleanup(srv.Close)
	other := filepath.Join(t.TempDir(), "aer.yaml")
	if err := os.WriteFile(other, []byte("mode: observe\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		say  string
	}{
		{[]string{"verify"}, exitUsage, "missing --config"},
		{[]string{"verify", "--config", other}, exitFailed, `sessions.kind is "embedded", want caep`},
		{[]string{"verify", "--config", receiverConfig(t, srv.URL, "")}, exitFailed, "sessions.caep.stream_id is empty"},
		{[]string{"verify", "--config", receiverConfig(t, srv.URL, ""), "--stream", "s"}, exitFailed, "status 403"},
	} {
		if _, errs, code := call(t, append([]string{"sessions"}, c.args...)...); code != c.code ||
			!strings.Contains(errs, c.say) {
			t.Errorf("%v: exit %d, %s", c.args, code, errs)
		}
	}
}

func call(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	var o, e bytes.Buffer
	code = execute(args, streams{in: strings.NewReader(""), out: &o, err: &e})
	return o.String(), e.String(), code
}

func receiverConfig(t *testing.T, url, more string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	text := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	conf := fmt.Sprintf(
		"sessions: {kind: caep, caep: {url: %q, issuer: https://aer.example, audience: r, keys: [%q], %s}}\n", url,
		"file:"+filepath.Join(dir, "key.pem"), more)
	for name, content := range map[string]string{"key.pem": string(text), "aer.yaml": conf} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "aer.yaml")
}
