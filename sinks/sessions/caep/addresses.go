// SPDX-License-Identifier: Apache-2.0

package caep

import (
	"context"
	"errors"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/retry"
)

// addresses looks people up in a directory, or in none.
type addresses struct{ people directory.Reader }

// of is a user's address of mail. Somebody without one stays without it until an operator writes it into the directory,
// which takes longer than a response is of use.
func (a addresses) of(ctx context.Context, org aerv1.OrgID, user aerv1.UserID) (string, error) {
	if a.people == nil {
		return "", retry.Permanent(errors.New("there is no directory"))
	}
	d, err := a.people.Get(ctx, org)
	if err != nil && !errors.Is(err, kv.ErrNotFound) {
		return "", err
	}
	for _, p := range d.GetPeople() {
		if p.GetUserId() == string(user) && p.GetEmail() != "" {
			return p.GetEmail(), nil
		}
	}
	return "",
		retry.Permanent(
			fmt.Errorf("the directory of %q has no address for %q, want one there, or another sessions.caep.subject", org, user))
}
