// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"io"
	"mime/quotedprintable"
	"strings"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// delivery is one connection to the mail server of scripts.
type delivery struct {
	server *mailServer
	to     []string
}

// AuthMechanisms implements gosmtp.AuthSession.
func (d *delivery) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements gosmtp.AuthSession: the server knows the user and password of newGuide.
func (d *delivery) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "aer" || password != "a password of scripts" {
			return errors.New("user or password is wrong")
		}
		return nil
	}), nil
}

// Mail implements gosmtp.Session.
func (d *delivery) Mail(string, *gosmtp.MailOptions) error { return nil }

// Rcpt implements gosmtp.Session.
func (d *delivery) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	d.to = append(d.to, to)
	return nil
}

// Data implements gosmtp.Session: it keeps the message, with quoted-printable undone, for each recipient.
func (d *delivery) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if plain, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(string(raw)))); err == nil {
		raw = plain
	}
	d.server.mu.Lock()
	defer d.server.mu.Unlock()
	for _, to := range d.to {
		d.server.boxes[to] += string(raw)
	}
	return nil
}

// Reset implements gosmtp.Session.
func (d *delivery) Reset() { d.to = nil }

// Logout implements gosmtp.Session.
func (d *delivery) Logout() error { return nil }
