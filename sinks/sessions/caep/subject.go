// SPDX-License-Identifier: Apache-2.0

package caep

import (
	"context"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sessions"
)

// Subject is how a token names the user whose sessions are revoked.
type Subject string

// Subjects. The interoperability profile asks receivers to understand iss_sub and email; complex says most and is
// understood by fewer. Opaque is for receivers that share AER's ids.
const (
	// SubjectComplex names user and tenant, and for a single session that as well (Shared Signals 1.0, 3.2).
	SubjectComplex Subject = "complex"
	// SubjectIssSub names the user by issuer and subject, as an OpenID provider does (RFC 9493, 3.2.3).
	SubjectIssSub Subject = "iss_sub"
	// SubjectEmail names the user by address of mail (RFC 9493, 3.2.2).
	SubjectEmail Subject = "email"
	// SubjectOpaque names the user by id alone (RFC 9493, 3.2.4).
	SubjectOpaque Subject = "opaque"
)

// complexSubject says who, in which organisation, and for a single session which one.
type complexSubject struct {
	Format  string      `json:"format"`
	User    identifier  `json:"user"`
	Tenant  identifier  `json:"tenant"`
	Session *identifier `json:"session,omitempty"`
}

// identifier is a simple subject (RFC 9493).
type identifier struct {
	Format string `json:"format"`
	ID     string `json:"id,omitempty"`
	Issuer string `json:"iss,omitempty"`
	Sub    string `json:"sub,omitempty"`
	Email  string `json:"email,omitempty"`
}

func opaque[ID ~string](id ID) identifier { return identifier{Format: "opaque", ID: string(id)} }

func (a *Adapter) issSub(user aerv1.UserID) identifier {
	return identifier{Format: "iss_sub", Issuer: a.c.UserIssuer, Sub: string(user)}
}

// subject names the user of a request, and the session unless it is empty.
func (a *Adapter) subject(ctx context.Context, r sessions.Request, session string) (any, error) {
	if a.c.Subject == SubjectComplex || a.c.Subject == "" {
		return a.complex(r, session), nil
	}
	if session != "" {
		// A token without the session would end all: more than was asked for.
		return nil,
			retry.Permanent(fmt.Errorf("naming the session: subject %s has no place for one, want %s, or to end all sessions",
				a.c.Subject, SubjectComplex))
	}
	switch a.c.Subject {
	case SubjectIssSub:
		return a.issSub(r.UserID), nil
	case SubjectEmail:
		address, err := a.o.Email(ctx, r.OrgID, r.UserID)
		if err != nil {
			return nil, fmt.Errorf("naming the user by address of mail: %w", err)
		}
		return identifier{Format: "email", Email: address}, nil
	}
	return opaque(r.UserID), nil
}

func (a *Adapter) complex(r sessions.Request, session string) complexSubject {
	s := complexSubject{Format: "complex", User: opaque(r.UserID), Tenant: opaque(r.OrgID)}
	if a.c.UserIssuer != "" {
		s.User = a.issSub(r.UserID)
	}
	if session != "" {
		id := opaque(session)
		s.Session = &id
	}
	return s
}
