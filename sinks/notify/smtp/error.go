// SPDX-License-Identifier: Apache-2.0

package smtp

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
)

// refusedPause is how long to wait after the server refused us for good (a start value): more attempts could lock the
// account.
const refusedPause = time.Minute

// Error is a delivery that failed.
type Error struct {
	Class notify.Class
	// The server's reply code, or 0 if it gave none.
	Code int
	// The connection broke after the message was sent and before the answer came: it may have been delivered.
	Uncertain bool
	text      string
}

// Error implements error. It holds no password and is one line.
func (e *Error) Error() string {
	s := fmt.Sprintf("delivering mail (%s): %s", e.Class, e.text)
	if e.Uncertain {
		s += "; the message may have been taken"
	}
	return s
}

// classify makes an Error of what the library returned, marked for retry. Secrets never get into it.
func classify(err error, hide []string) error {
	e := &Error{Class: notify.ClassServer, text: notify.Line(redact(err.Error(), hide))}
	var sending *gomail.SendError
	var reply *textproto.Error
	switch {
	case errors.As(err, &sending):
		e.Code = sending.ErrorCode()
		e.Uncertain = e.Code == 0 && sending.Reason == gomail.ErrSMTPDataClose
		e.Class = classOf(sending.Reason, e.Code)
	case errors.As(err, &reply):
		e.Code = reply.Code
	}
	switch final := e.Code >= 500; {
	case final && e.Class != notify.ClassServer:
		return retry.Permanent(e)
	case final:
		return retry.After(e, refusedPause)
	case e.Class != notify.ClassServer:
		return retry.OneOnly(e)
	}
	return e
}

// classOf says what a reply is about by the command that it answers. Whatever they answer, 421 is about the server,
// which goes away (RFC 5321), and 530 to 538 about authentication (RFC 4954).
func classOf(reason gomail.SendErrReason, code int) notify.Class {
	switch {
	case code == 0 || code == 421 || code >= 530 && code <= 538:
		return notify.ClassServer
	case reason == gomail.ErrSMTPRcptTo:
		return notify.ClassAddress
	case reason == gomail.ErrSMTPData || reason == gomail.ErrSMTPDataClose:
		return notify.ClassMessage
	}
	return notify.ClassServer
}

// redact hides secrets, and what they look like on the wire: servers have been seen to repeat what they were sent.
func redact(s string, hide []string) string {
	for _, h := range hide {
		if h != "" {
			s = strings.ReplaceAll(s, h, "[redacted]")
		}
	}
	return s
}

// secretForms lists what must not be shown of a password.
func secretForms(user, password string) []string {
	b64 := base64.StdEncoding.EncodeToString
	return []string{b64([]byte("\x00" + user + "\x00" + password)), b64([]byte(password)), password}
}
