// SPDX-License-Identifier: Apache-2.0

package shape

import (
	"strconv"
	"strings"
)

// extensionsApart is by how many extensions two handshakes of one stack may differ: pre_shared_key and early_data come
// with resumption, ALPN and ALPS go where HTTP/1.1 alone is offered, padding comes and goes with the length.
const extensionsApart = 3

// ja4 is what the first two parts of a JA4 say.
type ja4 struct {
	transport           byte   // t TCP, q QUIC, d DTLS
	version             string // of TLS: 13, 12
	ciphers, extensions int
	hash                string // of the sorted ciphers
}

// parseJA4 reads "t13d1516h2_8daaf6152771_02713d6af862"; ok is false for a JA3 or anything else.
func parseJA4(s string) (p ja4, ok bool) {
	a, rest, _ := strings.Cut(s, "_")
	hash, last, found := strings.Cut(rest, "_")
	if !found || strings.Contains(last, "_") || len(a) != 10 || hash == "" || strings.IndexByte("tqd", a[0]) < 0 {
		return ja4{}, false
	}
	ciphers, err1 := strconv.Atoi(a[4:6])
	extensions, err2 := strconv.Atoi(a[6:8])
	return ja4{a[0], a[1:3], ciphers, extensions, hash}, err1 == nil && err2 == nil
}

// SameStack says whether two fingerprints are one TLS stack's, fresh or resumed, with or without HTTP/2.
func SameStack(a, b string) bool {
	if a == b {
		return true
	}
	p, ok := parseJA4(a)
	q, also := parseJA4(b)
	if !ok || !also {
		return false
	}
	apart := p.extensions - q.extensions
	return p.version == q.version && p.ciphers == q.ciphers && p.hash == q.hash && max(apart, -apart) <= extensionsApart
}

// Contradict says whether two fingerprints prove two TLS stacks: both are JA4s over the same transport, and no variants
// of one.
func Contradict(a, b string) bool {
	p, ok := parseJA4(a)
	q, also := parseJA4(b)
	return ok && also && p.transport == q.transport && !SameStack(a, b)
}

// TLSStack is what fingerprints have in common that differ only in their extensions and ALPN: comparable.
type TLSStack struct {
	transport     byte // 0 where the fingerprint is no JA4
	version, hash string
}

// StackKey is the transport, version and ciphers of a fingerprint. One that is no JA4 has a stack of its own.
func StackKey(fingerprint string) TLSStack {
	p, ok := parseJA4(fingerprint)
	if !ok {
		return TLSStack{hash: fingerprint}
	}
	return TLSStack{p.transport, p.version, p.hash}
}
