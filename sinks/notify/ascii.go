// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// labels makes A-labels by IDNA2008 (RFC 5891), after the mapping that people's spelling needs (UTS #46, not
// transitional: straße is not strasse).
var labels = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.BidiRule(), idna.StrictDomainName(true),
	idna.VerifyDNSLength(true))

// ErrLocalPart says that an address has letters beyond ASCII before the @. Unlike a domain, that part has no other
// spelling: only servers with SMTPUTF8 (RFC 6531) can take it.
var ErrLocalPart = errors.New("has letters beyond ASCII before the @, which only a mail server with SMTPUTF8 can take")

// ASCIIDomain spells a domain for where only ASCII is understood: bücher.example as xn--bcher-kva.example. What is
// ASCII stays as it is, address literals too.
func ASCIIDomain(domain string) (string, error) {
	if isASCII(domain) {
		return domain, nil
	}
	a, err := labels.ToASCII(domain)
	if err != nil {
		return "", fmt.Errorf("%q is no domain name: %w", domain, err)
	}
	return a, nil
}

// ASCIIAddress spells an address of mail for servers without SMTPUTF8.
func ASCIIAddress(address string) (string, error) {
	at := strings.LastIndexByte(address, '@')
	local, domain := address[:at+1], address[at+1:]
	if !isASCII(local) {
		return "", fmt.Errorf("%q %w", address, ErrLocalPart)
	}
	domain, err := ASCIIDomain(domain)
	if err != nil {
		return "", err
	}
	return local + domain, nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
