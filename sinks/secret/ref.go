// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aer-project/aer/transforms/strict"
)

// Kinds of reference.
const (
	kindEnv  = "env"
	kindFile = "file"
	kindGCP  = "gcp"
)

// Forms says what a reference looks like, for errors and help.
const Forms = "env:NAME, file:/path or gcp:projects/P/secrets/S/versions/V"

var (
	envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	// Project ids and numbers, secret ids and versions as Secret Manager documents them; latest is a version.
	gcpName = regexp.MustCompile(`^projects/[a-z0-9.:-]+/secrets/[A-Za-z0-9_-]{1,255}/versions/[A-Za-z0-9_-]+$`)
)

// Ref says where a secret is kept. It is read from and written to configurations as text; it holds no secret: text that
// is no reference, and so may be a secret, is forgotten while it is read, and Validate complains.
type Ref struct {
	kind, name string
	// Something was given that is no reference.
	literal bool
}

func parseRef(s string) Ref {
	kind, name, _ := strings.Cut(s, ":")
	r := Ref{kind: kind, name: name}
	switch {
	case s == "":
		return Ref{}
	case kind == kindEnv && envName.MatchString(name),
		kind == kindFile && filepath.IsAbs(name) && !strings.ContainsRune(name, 0),
		kind == kindGCP && gcpName.MatchString(name):
		return r
	}
	return Ref{literal: true}
}

// Empty says that no secret was named.
func (r Ref) Empty() bool { return r == Ref{} }

// Validate complains about a reference that is missing, or that was no reference but possibly the secret itself.
func (r Ref) Validate() error {
	switch {
	case r.literal:
		return &strict.Error{Problem: "not a reference to a secret", Right: "use " + Forms +
			"; a secret itself does not belong here: change it if this was one"}
	case r.Empty():
		return &strict.Error{Problem: "must not be empty", Right: "use " + Forms}
	}
	return nil
}

// ValidateRotated complains about the secrets of one purpose: there must be one, or the old and the new while they are
// changed.
func ValidateRotated(refs []Ref) error {
	var k strict.Check
	if len(refs) < 1 || len(refs) > 2 {
		k.Wrong("", fmt.Sprintf("has %d entries", len(refs)), "give one, or two while they are changed: ["+Forms+"]")
	}
	for i, r := range refs {
		k.Under(strict.Index("", i), r.Validate())
	}
	return k.Err()
}

// String returns the reference as it is written.
func (r Ref) String() string {
	switch {
	case r.literal:
		return Redacted
	case r.Empty():
		return ""
	}
	return r.kind + ":" + r.name
}

// UnmarshalText implements encoding.TextUnmarshaler. It never fails, because the caller of Validate knows the key and
// the libraries that call this do not.
func (r *Ref) UnmarshalText(text []byte) error {
	*r = parseRef(string(text))
	return nil
}

// MarshalText implements encoding.TextMarshaler.
func (r Ref) MarshalText() ([]byte, error) {
	if r.literal {
		return nil, fmt.Errorf("writing a reference: %w", r.Validate())
	}
	return []byte(r.String()), nil
}
