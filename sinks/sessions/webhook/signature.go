// SPDX-License-Identifier: Apache-2.0

package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aer-project/aer/sinks/secret"
)

// Names of the headers, and the version of the signature.
const (
	HeaderTimestamp      = "AER-Timestamp"
	HeaderSignature      = "AER-Signature"
	HeaderIdempotencyKey = "Idempotency-Key"
	signatureVersion     = "v1"
)

// Tolerance is how far the sender's clock and the receiver's may differ, and how long a recorded request could be sent
// again by somebody else: five minutes, as is usual.
const Tolerance = 5 * time.Minute

// MinSecret is the shortest secret in bytes: a key shorter than the hash weakens it (RFC 2104, 3).
const MinSecret = 32

// maxSignatures is how many signatures of a request are looked at. Two secrets are active during a rotation.
const maxSignatures = 8

// ErrSignature says that a request was not signed with a known secret, and ErrTimestamp that it was, but not now.
var (
	ErrSignature = errors.New("signature is wrong")
	ErrTimestamp = errors.New("timestamp is too far from now")
)

// Sign returns the value of HeaderSignature: one v1= part for each secret, comma-separated. Each is the hexadecimal
// HMAC-SHA256, under the secret, of the timestamp in decimal, a full stop, and the body.
func Sign(unix int64, body []byte, secrets ...string) string {
	parts := make([]string, len(secrets))
	for i, s := range secrets {
		parts[i] = signatureVersion + "=" + hex.EncodeToString(mac(s, strconv.FormatInt(unix, 10), body))
	}
	return strings.Join(parts, ",")
}

// header returns the headers of a request that is signed as of now with what the secrets are now: a request that is
// repeated has a new timestamp and the old key.
func header(ctx context.Context, key string, body []byte, now time.Time, secrets []secret.Source) (http.Header, error) {
	var revealed []string
	for i, s := range secrets {
		v, err := s.Get(ctx)
		if err != nil {
			return nil, err
		}
		if len(v.Reveal()) < MinSecret {
			return nil, fmt.Errorf("secrets[%d] has %d bytes, want at least %d", i, len(v.Reveal()), MinSecret)
		}
		revealed = append(revealed, v.Reveal())
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "aer")
	h.Set(HeaderIdempotencyKey, url.QueryEscape(key))
	h.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(HeaderSignature, Sign(now.Unix(), body, revealed...))
	return h, nil
}

func mac(secret, timestamp string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(timestamp))
	h.Write([]byte{'.'})
	h.Write(body)
	return h.Sum(nil)
}

// Verify checks a request as its receiver must: signed with one of the secrets, at most tolerance before or after now.
// The signature is checked first, so that nobody without a secret learns anything about the clock.
func Verify(header http.Header, body []byte, now time.Time, tolerance time.Duration, secrets ...string) error {
	timestamp := header.Get(HeaderTimestamp)
	if !signed(header.Get(HeaderSignature), timestamp, body, secrets) {
		return ErrSignature
	}
	unix, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: it is not a number", ErrTimestamp)
	}
	if off := now.Sub(time.Unix(unix, 0)); off > tolerance || off < -tolerance {
		return fmt.Errorf("%w: by %v", ErrTimestamp, off)
	}
	return nil
}

func signed(signatures, timestamp string, body []byte, secrets []string) bool {
	ok := false
	for i, part := range strings.Split(signatures, ",") {
		if i == maxSignatures {
			break
		}
		version, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		got, err := hex.DecodeString(value)
		if version != signatureVersion || err != nil {
			continue
		}
		for _, s := range secrets {
			// An empty secret would let everybody sign. Equal takes the same time wherever the two differ.
			ok = s != "" && hmac.Equal(got, mac(s, timestamp, body)) || ok
		}
	}
	return ok
}
