// SPDX-License-Identifier: Apache-2.0

package webhook_test

import (
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/sessions/webhook"
)

// vector is the test vector of README.md: a receiver in any language must get the same.
var vector = struct {
	unix            int64
	body, signature string
}{1795341600, "{}", "v1=ffc4e583ae87d48275101ca56ba53f9029765ad673cbb450d4b3acd826f8d651"}

func TestSignIsWhatTheContractSays(t *testing.T) {
	if got := webhook.Sign(vector.unix, []byte(vector.body), oldSecret); got != vector.signature {
		t.Errorf("signature is %s", got)
	}
	doc, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), vector.signature) {
		t.Error("README.md has another signature")
	}
	// The example of a request is signed with the same secret.
	_, rest, _ := strings.Cut(string(doc), "POST /your/path HTTP/1.1\n")
	head, rest, _ := strings.Cut(rest, "\n\n")
	body, _, _ := strings.Cut(rest, "\n")
	h := http.Header{}
	for _, line := range strings.Split(head, "\n") {
		name, value, _ := strings.Cut(line, ": ")
		h.Set(name, value)
	}
	if err := webhook.Verify(h, []byte(body), time.Unix(vector.unix, 0), webhook.Tolerance, oldSecret); err != nil {
		t.Errorf("the example: %v", err)
	}
}

func TestVerify(t *testing.T) {
	at := time.Unix(vector.unix, 0)
	good := webhook.Sign(vector.unix, []byte("body"), oldSecret)
	for _, c := range []struct {
		name, signature, timestamp, body string
		now                              time.Time
		want                             error
	}{
		{"good", good, "", "body", at, nil},
		{"among others", "v0=aa, v1=zz ," + good, "", "body", at, nil},
		{"at the edge", good, "", "body", at.Add(webhook.Tolerance), nil},
		{"too old", good, "", "body", at.Add(webhook.Tolerance + time.Second), webhook.ErrTimestamp},
		{"from the future", good, "", "body", at.Add(-webhook.Tolerance - time.Second), webhook.ErrTimestamp},
		{"other body", good, "", "body ", at, webhook.ErrSignature},
		{"other timestamp", good, strconv.FormatInt(vector.unix+1, 10), "body", at, webhook.ErrSignature},
		{"shifted between timestamp and body", good, strconv.FormatInt(vector.unix, 10) + ".b", "ody", at,
			webhook.ErrSignature},
		{"no signature", "", "", "body", at, webhook.ErrSignature},
		{"empty value", "v1=", "", "body", at, webhook.ErrSignature},
		{"cut", good[:len(good)-2], "", "body", at, webhook.ErrSignature},
		{"other version", "v2" + good[2:], "", "body", at, webhook.ErrSignature},
		{"hidden behind many", strings.Repeat("v1=00,", 100) + good, "", "body", at, webhook.ErrSignature},
		{"signed nonsense as time", webhook.SignText(oldSecret, "soon", "body"), "soon", "body", at, webhook.ErrTimestamp},
	} {
		h := http.Header{}
		h.Set(webhook.HeaderSignature, c.signature)
		h.Set(webhook.HeaderTimestamp, strconv.FormatInt(vector.unix, 10))
		if c.timestamp != "" {
			h.Set(webhook.HeaderTimestamp, c.timestamp)
		}
		if err := webhook.Verify(h, []byte(c.body), c.now, webhook.Tolerance, oldSecret); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("v1=00", "1", "body")
	f.Add(",,v1=,v1", "", "")
	f.Fuzz(func(t *testing.T, signature, timestamp, body string) {
		h := http.Header{}
		h.Set(webhook.HeaderSignature, signature)
		h.Set(webhook.HeaderTimestamp, timestamp)
		if webhook.Verify(h, []byte(body), time.Unix(0, 0), webhook.Tolerance, oldSecret) == nil {
			t.Errorf("a request that nobody signed was taken: %q %q", signature, timestamp)
		}
	})
}
