// SPDX-License-Identifier: Apache-2.0

package caep

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sessions"
)

// EventSessionRevoked is the type of the event (OpenID CAEP 1.0, 3.1).
const EventSessionRevoked = "https://schemas.openid.net/secevent/caep/event-type/session-revoked"

// EventVerification is the type of the event by which a stream is tried (Shared Signals 1.0, 8.1.4.1).
const EventVerification = "https://schemas.openid.net/secevent/ssf/event-type/verification"

const (
	typeSET = "secevent+jwt" // header typ (RFC 8417, 2.3)
	// initiatingPolicy: nobody pressed a button (CAEP 1.0, 2).
	initiatingPolicy = "policy"
)

// What is said by language, to receivers that show it. It names no detector and no threshold.
var (
	reasonAdmin = map[string]string{
		"en": "AER found activity that did not fit this account, and the organisation's settings say to end its sessions.",
		"de": "AER hat Aktivität bemerkt, die nicht zu diesem Konto passt; nach den Einstellungen der Organisation werden " +
			"die Sitzungen beendet.",
	}
	reasonUser = map[string]string{
		"en": "Unusual activity was noticed in your account. To protect it, you were signed out. You can sign in again.",
		"de": "In Ihrem Konto wurde ungewöhnliche Aktivität bemerkt. Zum Schutz wurden Sie abgemeldet. Sie können sich " +
			"wieder anmelden.",
	}
)

// set is a Security Event Token with one event: neither sub nor exp, which the profile forbids.
type set struct {
	Issuer   string `json:"iss"`
	ID       string `json:"jti"`
	IssuedAt int64  `json:"iat"`
	Audience string `json:"aud"`
	Txn      string `json:"txn,omitempty"`
	// An identifier or a complex subject.
	Subject any            `json:"sub_id"`
	Events  map[string]any `json:"events"`
}

type sessionRevoked struct {
	Timestamp        int64             `json:"event_timestamp"`
	InitiatingEntity string            `json:"initiating_entity"`
	ReasonAdmin      map[string]string `json:"reason_admin"`
	ReasonUser       map[string]string `json:"reason_user"`
}

type verification struct {
	State string `json:"state,omitempty"`
}

// sets makes one token for all sessions, or one for each listed one. Their ids follow from the key, so that a receiver
// knows a repeated one.
func (a *Adapter) sets(ctx context.Context, r sessions.Request, now time.Time) ([]set, error) {
	ids := []string{""}
	if r.Scope == sessions.ScopeListed {
		ids = r.SessionIDs
	}
	all := make([]set, len(ids))
	for i, id := range ids {
		s, err := a.subject(ctx, r, id)
		if err != nil {
			return nil, err
		}
		all[i] = a.set(r, id, s, now)
	}
	return all, nil
}

// set makes a token that revokes a session, or all if session is empty.
func (a *Adapter) set(r sessions.Request, session string, subject any, now time.Time) set {
	id := []string{string(r.OrgID), string(r.UserID), r.Key}
	if session != "" {
		id = append(id, session)
	}
	return set{
		Issuer: a.c.Issuer, ID: aerv1.NewID("set", id...), IssuedAt: now.Unix(), Audience: a.c.Audience,
		Txn: r.Key, Subject: subject,
		Events: map[string]any{EventSessionRevoked: sessionRevoked{
			Timestamp: now.Unix(), InitiatingEntity: initiatingPolicy, ReasonAdmin: reasonAdmin, ReasonUser: reasonUser,
		}},
	}
}

// verification makes a token about the stream itself.
func (a *Adapter) verification(streamID, state string, now time.Time) set {
	return set{
		Issuer: a.c.Issuer, ID: aerv1.NewID("verification", streamID, state, now.UTC().Format(time.RFC3339Nano)),
		IssuedAt: now.Unix(), Audience: a.c.Audience,
		Subject: opaque(streamID), Events: map[string]any{EventVerification: verification{state}},
	}
}

// sign returns the compact serialisation under a key, which its header names.
func sign(s set, key jose.JSONWebKey) (string, error) {
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(key.Algorithm), Key: key},
		(&jose.SignerOptions{}).WithType(typeSET))
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
