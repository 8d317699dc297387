package caep

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sessions"
)

// EventSessionRevoked is the type of the event (OpenID CAEP 1.0, 3.1).
const EventSessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"

const (
	typeSET = "secevent+jwt" // header typ (RFC 8417, 2.3)
	// initiatingPolicy: nobody pressed a button (CAEP 1.0, 2).
	initiatingPolicy = "policy"
)

// What is said by language, to receivers that show it. It names no detector and no threshold.
var (
	reasonAdmin = map[string]string{
		"en": "AER found activity that did not fit this account, and the organisation's settings say to end its sessions.",
		"de": "AER hat Aktivität bemerkt, die nicht zu diesem Konto passt; nach den Einstellungen der Organisation werden die Sitzungen beendet.",
	}
	reasonUser = map[string]string{
		"en": "Unusual activity was noticed in your account. To protect it, you were signed out. You can sign in again.",
		"de": "In Ihrem Konto wurde ungewöhnliche Aktivität bemerkt. Zum Schutz wurden Sie abgemeldet. Sie können sich wieder anmelden.",
	}
)

// set is a Security Event Token: neither sub nor exp, which the profile forbids.
type set struct {
	Issuer   string           `json:"iss"`
	ID       string           `json:"jti"`
	IssuedAt int64            `json:"iat"`
	Audience string           `json:"aud"`
	Txn      string           `json:"txn"`
	Subject  subject          `json:"sub_id"`
	Events   map[string]event `json:"events"`
}

// subject is a complex subject (RFC 9493 and Shared Signals 1.0, 3.2): who, in which organisation, and for a single
// session which one.
type subject struct {
	Format  string      `json:"format"`
	User    identifier  `json:"user"`
	Tenant  identifier  `json:"tenant"`
	Session *identifier `json:"session,omitempty"`
}

type identifier struct {
	Format string `json:"format"`
	ID     string `json:"id,omitempty"`
	Issuer string `json:"iss,omitempty"`
	Sub    string `json:"sub,omitempty"`
}

type event struct {
	Timestamp        int64             `json:"event_timestamp"`
	InitiatingEntity string            `json:"initiating_entity"`
	ReasonAdmin      map[string]string `json:"reason_admin"`
	ReasonUser       map[string]string `json:"reason_user"`
}

func opaque(id string) identifier { return identifier{Format: "opaque", ID: id} }

// sets makes one token for all sessions, or one for each listed one. Their ids follow from the key, so that a receiver
// knows a repeated one.
func (a *Adapter) sets(r sessions.Request, now time.Time) []set {
	if r.Scope != sessions.ScopeListed {
		return []set{a.set(r, nil, now)}
	}
	all := make([]set, len(r.SessionIDs))
	for i, id := range r.SessionIDs {
		s := opaque(id)
		all[i] = a.set(r, &s, now)
	}
	return all
}

func (a *Adapter) set(r sessions.Request, session *identifier, now time.Time) set {
	user := opaque(r.UserID)
	if a.c.UserIssuer != "" {
		user = identifier{Format: "iss_sub", Issuer: a.c.UserIssuer, Sub: r.UserID}
	}
	id := []string{r.OrgID, r.UserID, r.Key}
	if session != nil {
		id = append(id, session.ID)
	}
	return set{
		Issuer: a.c.Issuer, ID: aerv1.NewID("set", id...), IssuedAt: now.Unix(), Audience: a.c.Audience, Txn: r.Key,
		Subject: subject{Format: "complex", User: user, Tenant: opaque(r.OrgID), Session: session},
		Events: map[string]event{EventSessionRevoked: {
			Timestamp: now.Unix(), InitiatingEntity: initiatingPolicy, ReasonAdmin: reasonAdmin, ReasonUser: reasonUser,
		}},
	}
}

// sign returns the compact serialisation under a key, which its header names.
func sign(s set, key jose.JSONWebKey) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key}, (&jose.SignerOptions{}).WithType(typeSET))
	if err != nil {
		return "", fmt.Errorf("making a signer: %w", err)
	}
	payload, err := json.Marshal(s)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return signed.CompactSerialize()
}
