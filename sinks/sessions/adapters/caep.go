package adapters

import (
	"context"
	"errors"
	"fmt"

	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions/caep"
)

// OpenCAEP opens the adapter for a receiver of Shared Signals, by a configuration that was validated. Without a Store and a
// Directory it can verify a stream and publish keys, but not name people by address of mail.
func OpenCAEP(ctx context.Context, c CAEP, o Options) (*caep.Adapter, error) {
	if o.Secrets == nil {
		o.Secrets = &secret.Loader{}
	}
	keys, err := o.follow(ctx, c.Keys...)
	if err != nil {
		return nil, err
	}
	conf := caep.Config{URL: c.URL, Issuer: c.Issuer, Audience: c.Audience, Subject: c.Subject, UserIssuer: c.UserIssuer, Email: o.email, Keys: keys, Now: o.Now}
	if !c.Token.Empty() {
		token, err := o.follow(ctx, c.Token)
		if err != nil {
			return nil, err
		}
		conf.Token = token[0]
	}
	return caep.New(ctx, conf)
}

// email looks a user's address up in the directory. Somebody without one stays without it until an operator writes it
// there, which takes longer than a response is of use.
func (o Options) email(ctx context.Context, orgID, userID string) (string, error) {
	people := o.Directory
	if people == nil {
		if o.Store == nil {
			return "", retry.Permanent(errors.New("there is no directory"))
		}
		people = directory.New(o.Store)
	}
	d, err := people.Get(ctx, orgID)
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return "", err
	}
	for _, p := range d.GetPeople() {
		if p.GetUserId() == userID && p.GetEmail() != "" {
			return p.GetEmail(), nil
		}
	}
	return "", retry.Permanent(fmt.Errorf("the directory of %q has no address for %q, want one there, or another sessions.caep.subject", orgID, userID))
}
