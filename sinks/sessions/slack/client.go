// SPDX-License-Identifier: Apache-2.0

package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/post"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
)

// Methods of the API.
const (
	methodReset      = "admin.users.session.reset"
	methodResetBulk  = "admin.users.session.resetBulk"
	methodInvalidate = "admin.users.session.invalidate"
	methodList       = "admin.users.session.list"
)

// Error codes by what they mean.
var (
	// There was nothing to end.
	nothing = []string{"no_active_sessions", "session_not_found"}
	// Nothing happened, and asking again may help.
	again = []string{"ratelimited", "service_unavailable", "request_timeout", "user_session_reset_failed",
		"session_invalidation_failed"}
	// Asking again may help, but something may have happened: that is how Slack documents them.
	unclear = []string{"internal_error", "fatal_error"}
	// Asking again is useless.
	permanent = []string{"cannot_reset_primary_owner", "cannot_reset_bot", "user_not_found", "not_an_admin",
		"feature_not_enabled",
		"invalid_auth", "missing_scope", "token_revoked",
		// The others with which Slack refuses the token of any method, whoever's sessions it is about.
		"not_authed", "account_inactive", "token_expired", "no_permission", "not_allowed_token_type", "org_login_required",
		"ekm_access_denied",
		"enterprise_is_restricted", "access_denied", "team_access_not_granted", "two_factor_setup_required", "unknown_method",
		"method_deprecated"}
)

// errNothingDone marks an error after which it is certain that no session was ended.
var errNothingDone = errors.New("no session was ended")

// errNone says that there was no session to end.
var errNone = errors.New("no session to end")

// client calls the API for one organisation.
type client struct {
	base   string
	token  secret.Source
	post   *post.Client
	now    func() time.Time
	limits map[string]*rate.Limiter // by method: Slack counts each apart
}

func newClient(base string, o Options, token secret.Source, p *post.Client) *client {
	cl := &client{base: base, token: token, post: p, now: o.Now, limits: map[string]*rate.Limiter{}}
	for _, m := range []string{methodReset, methodResetBulk, methodInvalidate, methodList} {
		cl.limits[m] = rate.NewLimiter(rate.Every(time.Minute/time.Duration(o.PerMinute)), burst)
	}
	return cl
}

// call waits for its turn and calls a method.
func (c *client) call(ctx context.Context, method string, args, into any) error {
	if err := c.limits[method].Wait(ctx); err != nil {
		if cerr := ctx.Err(); cerr != nil {
			err = cerr
		}
		return fmt.Errorf("waiting to call %s: %w: %w", method, errNothingDone, err)
	}
	if err := c.callNow(ctx, method, args, into); err != nil {
		return fmt.Errorf("calling %s: %w", method, err)
	}
	return nil
}

func (c *client) callNow(ctx context.Context, method string, args, into any) error {
	token, err := c.token.Get(ctx)
	if err != nil {
		return fmt.Errorf("%w: %w", errNothingDone, err)
	}
	body, err := json.Marshal(args)
	if err != nil {
		return retry.Permanent(err)
	}
	h := http.Header{}
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Authorization", "Bearer "+token.Reveal())
	a, err := c.post.Post(ctx, c.base+method, h, body)
	if errors.Is(err, post.ErrNotSent) {
		return fmt.Errorf("%w: %w", errNothingDone, err)
	}
	if err != nil {
		return err
	}
	return c.read(a, into)
}

// read takes an answer apart: HTTP 200 with "ok":false is the usual form of an error.
func (c *client) read(a post.Answer, into any) error {
	if a.Status == http.StatusTooManyRequests {
		return retry.After(fmt.Errorf("%w: status 429", errNothingDone), a.RetryAfter(c.now()))
	}
	if a.Status != http.StatusOK {
		return a.Classify(fmt.Errorf("status %d", a.Status), c.now())
	}
	var said struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(a.Body, &said); err != nil || said.OK == nil {
		return errors.New("status 200, but the body is no answer of Slack")
	}
	if *said.OK {
		if into != nil && json.Unmarshal(a.Body, into) != nil {
			return errors.New("the answer has another shape than documented")
		}
		return nil
	}
	return c.refused(a, said.Error)
}

func (c *client) refused(a post.Answer, code string) error {
	err := fmt.Errorf("error %s", post.Quote(code))
	switch {
	case slices.Contains(nothing, code):
		return errNone
	case slices.Contains(again, code):
		return retry.After(fmt.Errorf("%w: %w", errNothingDone, err), a.RetryAfter(c.now()))
	case slices.Contains(permanent, code), strings.HasPrefix(code, "invalid_arg"):
		return retry.Permanent(fmt.Errorf("%w: %w", errNothingDone, err))
	case slices.Contains(unclear, code):
		return err
	}
	return err // unknown codes: like unclear ones
}

func (c *client) resetBulk(ctx context.Context, users []aerv1.UserID) error {
	return c.call(ctx, methodResetBulk, map[string]any{"user_ids": users}, nil)
}

func (c *client) invalidate(ctx context.Context, team string, user aerv1.UserID, session int64) error {
	args := map[string]any{"user_id": user, "session_id": session}
	if team != "" {
		args["team_id"] = team
	}
	return c.call(ctx, methodInvalidate, args, nil)
}

// Bounds of a list: pages of a hundred, and no more of them than any person's devices need.
const (
	listLimit = 100
	maxPages  = 20
)

// list returns the ids of a user's sessions.
func (c *client) list(ctx context.Context, team string, user aerv1.UserID) (ids []int64, err error) {
	cursor := ""
	for range maxPages {
		args := map[string]any{"user_id": user, "team_id": team, "limit": listLimit}
		if cursor != "" {
			args["cursor"] = cursor
		}
		var page struct {
			Sessions []struct {
				UserID aerv1.UserID `json:"user_id"`
				ID     int64        `json:"session_id"`
			} `json:"active_sessions"`
			Metadata struct {
				Next string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		switch err := c.call(ctx, methodList, args, &page); {
		case errors.Is(err, errNone):
			return ids, nil
		case err != nil:
			return nil, err
		}
		for _, s := range page.Sessions {
			if s.UserID == user { // never act on somebody else's, whatever the server says
				ids = append(ids, s.ID)
			}
		}
		if cursor = page.Metadata.Next; cursor == "" {
			return ids, nil
		}
	}
	return nil, fmt.Errorf("listing sessions: more than %d pages", maxPages)
}
