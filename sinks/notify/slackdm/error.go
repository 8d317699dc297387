// SPDX-License-Identifier: Apache-2.0

package slackdm

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
)

// Slack's error codes (HTTP 200 with "ok": false) by class. A code that is not listed is tried again: losing a message
// is worse than asking in vain, and every retry has a deadline.
var (
	addressCodes = []string{"channel_not_found", "user_not_found", "users_not_found",
		"users_list_not_supplied", "user_disabled",
		"user_not_visible", "cannot_dm_bot", "not_in_channel", "is_archived", "messages_tab_disabled", "restricted_action",
		"invalid_user_combination"}
	messageCodes = []string{"msg_too_long", "no_text", "invalid_arguments", "invalid_metadata_format",
		"invalid_metadata_schema", "metadata_too_large"}
	// refusedCodes are about us: an operator must act.
	refusedCodes = []string{"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
		"missing_scope", "no_permission",
		"not_allowed_token_type", "org_login_required", "ekm_access_denied", "enterprise_is_restricted", "access_denied",
		"team_access_not_granted"}
	limitCodes = []string{"ratelimited", "rate_limited", "message_limit_exceeded"}
)

// Pauses after answers that name none (start values).
const (
	limitedPause = 30 * time.Second
	refusedPause = time.Minute
)

// Error is a delivery that failed.
type Error struct {
	Class notify.Class
	// Slack's error code, or empty if there was no answer of that kind.
	Code string
	text string
}

// Error implements error. It holds no token and is one line.
func (e *Error) Error() string {
	return fmt.Sprintf("delivering direct message (%s): %s", e.Class, e.text)
}

// classify makes an Error of what the library returned, marked for retry. The token never gets into it.
func classify(method string, err error, token string) error {
	text := err.Error()
	if token != "" {
		text = strings.ReplaceAll(text, token, "[redacted]")
	}
	e := &Error{Class: notify.ClassServer, text: method + ": " + notify.Line(text)}
	var limited *slack.RateLimitedError
	var status slack.StatusCodeError
	var answer slack.SlackErrorResponse
	switch {
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("%w: %w", context.Canceled, e)
	case errors.As(err, &limited):
		e.Code = "ratelimited"
		return retry.After(e, max(limited.RetryAfter, time.Second))
	case errors.As(err, &status) && status.Code == http.StatusTooManyRequests:
		e.Code = "ratelimited"
		return retry.After(e, limitedPause)
	case errors.As(err, &answer):
		e.Code = notify.Line(answer.Err)
		if answer.Needed != "" {
			e.text += " (needs the scope " + notify.Line(answer.Needed) + ")"
		}
		return byCode(e)
	}
	return e
}

func byCode(e *Error) error {
	switch {
	case slices.Contains(addressCodes, e.Code):
		e.Class = notify.ClassAddress
		return retry.Permanent(e)
	case slices.Contains(messageCodes, e.Code):
		e.Class = notify.ClassMessage
		return retry.Permanent(e)
	case slices.Contains(refusedCodes, e.Code):
		return retry.After(e, refusedPause)
	case slices.Contains(limitCodes, e.Code):
		return retry.After(e, limitedPause)
	}
	return e
}
