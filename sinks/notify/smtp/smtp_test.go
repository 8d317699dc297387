// SPDX-License-Identifier: Apache-2.0

package smtp_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/smtp"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
)

const password = "corréct horse battery"

// defaults is what operators start from.
func defaults() smtp.Config {
	return smtp.Config{TLS: smtp.TLSStart, Timeout: 8 * time.Second, Connections: 4}
}

func (s *server) config() smtp.Config {
	c := defaults()
	c.Host, c.Port, c.CAFile, c.From = s.host, s.port, s.caFile, "AER <aer@example.com>"
	return c
}

func open(t *testing.T, c smtp.Config, p secret.Source) *smtp.Notifier {
	t.Helper()
	n, err := smtp.New(c, p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func sample() *aerv1.Notification {
	return &aerv1.Notification{Id: "N1", ResponseId: "R1", OrgId: "O1", UserId: "U1", Channel: notify.ChannelEmail,
		Address:  "u1@example.com",
		Language: "de", Subject: "Sie wurden abgemeldet: Größe", Text: "Grüß Gott\n.\nEnde\n", Html: "<p>Grüß Gott</p>\n",
		Time: aerv1.Time(sinktest.T0)}
}

// TestConformance: what the mailbox shows is counted by Message-ID, because that is how a duplicate after a restart is
// told.
func TestConformance(t *testing.T) {
	sinktest.Notifier(t, []string{notify.ChannelEmail},
		func(t *testing.T) (sinktest.NotifierUnderTest, func() sinktest.NotifierUnderTest) {
			s := serve(t, options{})
			reopen := func() sinktest.NotifierUnderTest {
				return sinktest.NotifierUnderTest{Notifier: open(t, s.config(), nil), Delivered: func(_, address string) int {
					_, distinct := s.received(t, address)
					return distinct
				}}
			}
			return reopen(), reopen
		})
}

func TestDelivered(t *testing.T) {
	for name, o := range map[string]options{"starttls": {}, "implicit": {implicit: true}} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, o)
			s.onAuth = func(user, pass string) error {
				if user != "aer" || pass != password {
					return gosmtp.ErrAuthFailed
				}
				return nil
			}
			c := s.config()
			c.TLS, c.Username, c.Password = name, "aer", ref(t, "env:PASSWORD")
			if err := open(t, c, sinktest.Secret(password)).Notify(context.Background(), sample()); err != nil {
				t.Fatal(err)
			}
			raw, _ := s.received(t, "u1@example.com")
			if len(raw) != 1 || s.plain != 0 || len(s.users) != 1 {
				t.Fatalf("%d messages, %d of them in the clear, signed in %v", len(raw), s.plain, s.users)
			}
			m, err := mail.ReadMessage(strings.NewReader(raw[0]))
			if err != nil {
				t.Fatal(err)
			}
			for header, want := range map[string]string{"Auto-Submitted": "auto-generated", "Precedence": "bulk",
				"Content-Language": "de",
				"List-Id":          "<notifications.aer.example.com>", "To": "<u1@example.com>"} {
				if got := m.Header.Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
			if id := m.Header.Get("Message-Id"); !strings.HasSuffix(id, "@example.com>") {
				t.Errorf("Message-ID is %q", id)
			}
		})
	}
}

func ref(t *testing.T, s string) secret.Ref {
	t.Helper()
	r, err := sinktest.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestErrors: every way in which a server says no, over the wire.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name        string
		fault       func(s *server)
		class       notify.Class
		code        int
		recoverable bool
	}{
		{"greylisted", func(s *server) {
			s.onRcpt = func(string) error { return reply(451, gosmtp.EnhancedCode{4, 7, 1}, "try again later") }
		}, notify.ClassAddress, 451, true},
		{"no such recipient", func(s *server) {
			s.onRcpt = func(string) error { return reply(550, gosmtp.EnhancedCode{5, 1, 1}, "no such user") }
		}, notify.ClassAddress, 550, false},
		{"sender refused", func(s *server) {
			s.onMail = func(string) error { return reply(553, gosmtp.EnhancedCode{5, 7, 1}, "not your address") }
		}, notify.ClassServer, 553, true},
		{"sign in first", func(s *server) {
			s.onRcpt = func(string) error { return reply(530, gosmtp.EnhancedCode{5, 7, 0}, "sign in first") }
		},
			notify.ClassServer, 530, true},
		{"message refused", func(s *server) {
			s.onData = func(*gosmtp.Conn) error { return reply(554, gosmtp.EnhancedCode{5, 7, 1}, "looks like spam") }
		}, notify.ClassMessage, 554, false},
		{"server busy", func(s *server) {
			s.onData = func(*gosmtp.Conn) error { return reply(452, gosmtp.EnhancedCode{4, 3, 1}, "disk full") }
		}, notify.ClassMessage, 452, true},
		{"lines and escapes in the answer", func(s *server) {
			s.onRcpt = func(string) error {
				return reply(550, gosmtp.EnhancedCode{5, 1, 1}, "no\nsuch\x1b[31muser\u202e"+strings.Repeat("x", 1000))
			}
		}, notify.ClassAddress, 550, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, options{})
			c.fault(s)
			wantError(t, open(t, s.config(), nil).Notify(context.Background(), sample()), c.class, c.code, c.recoverable)
		})
	}
}

func wantError(t *testing.T, err error, class notify.Class, code int, recoverable bool) *smtp.Error {
	t.Helper()
	var e *smtp.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v, want an smtp.Error", err)
	}
	if e.Class != class || e.Code != code || retry.Recoverable(err) != recoverable {
		t.Errorf("error %q has class %s, code %d, recoverable %v; want %s, %d, %v", err, e.Class, e.Code,
			retry.Recoverable(err), class, code, recoverable)
	}
	if one := recoverable && class != notify.ClassServer; retry.IsOneOnly(err) != one {
		t.Errorf("error %q: of one mailbox only is %t, want %t", err, !one, one)
	}
	if s := err.Error(); strings.ContainsAny(s, "\r\n\x1b\u202e") || len([]rune(s)) > 500 {
		t.Errorf("error is not one short line: %q", s)
	}
	return e
}

// TestGreylistedThenTaken: the retry that a greylisting server asks for is delivered, once.
func TestGreylistedThenTaken(t *testing.T) {
	s := serve(t, options{})
	tries := 0
	s.onRcpt = func(string) error {
		if tries++; tries == 1 {
			return reply(450, gosmtp.EnhancedCode{4, 7, 1}, "greylisted")
		}
		return nil
	}
	n := open(t, s.config(), nil)
	wantError(t, n.Notify(context.Background(), sample()), notify.ClassAddress, 450, true)
	if err := n.Notify(context.Background(), sample()); err != nil {
		t.Fatal(err)
	}
	if raw, _ := s.received(t, "u1@example.com"); len(raw) != 1 {
		t.Errorf("%d messages", len(raw))
	}
}

// TestNothingInTheClear: a server without TLS, or with a certificate nobody trusts, gets neither mail nor password.
func TestNothingInTheClear(t *testing.T) {
	for name, o := range map[string]options{
		"no STARTTLS": {noTLS: true}, "untrusted certificate": {untrusted: true},
		"untrusted certificate, implicit": {untrusted: true, implicit: true}, "no TLS, implicit": {noTLS: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, o)
			c := s.config()
			c.Username, c.Password = "aer", ref(t, "env:PASSWORD")
			if strings.Contains(name, "implicit") {
				c.TLS = smtp.TLSImplicit
			}
			wantError(t, open(t, c, sinktest.Secret(password)).Notify(context.Background(), sample()),
				notify.ClassServer, 0, true)
			if raw, _ := s.received(t, "u1@example.com"); len(raw)+len(s.users) != 0 {
				t.Errorf("%d messages, signed in %v", len(raw), s.users)
			}
		})
	}
}

func TestPlainOnLoopback(t *testing.T) {
	s := serve(t, options{noTLS: true})
	c := s.config()
	c.TLS = smtp.TLSNone
	if err := open(t, c, nil).Notify(context.Background(), sample()); err != nil {
		t.Fatal(err)
	}
	if raw, _ := s.received(t, "u1@example.com"); len(raw) != 1 {
		t.Errorf("%d messages", len(raw))
	}
}

// TestPasswordIsNotLeaked: not even by a server that repeats it, as it is or as it came.
func TestPasswordIsNotLeaked(t *testing.T) {
	s := serve(t, options{})
	s.onAuth = func(user, pass string) error {
		return reply(535, gosmtp.EnhancedCode{5, 7, 8}, fmt.Sprintf("wrong password %s for %s (%s, %s)", pass, user,
			base64.StdEncoding.EncodeToString([]byte(pass)), base64.StdEncoding.EncodeToString([]byte("\x00"+user+"\x00"+pass))))
	}
	c := s.config()
	c.Username, c.Password = "aer", ref(t, "env:PASSWORD")
	n := open(t, c, sinktest.Secret(password))
	err := n.Notify(context.Background(), sample())
	wantError(t, err, notify.ClassServer, 535, true)
	for _, form := range []string{password, base64.StdEncoding.EncodeToString([]byte(password)),
		base64.StdEncoding.EncodeToString([]byte("\x00aer\x00" + password))} {
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(fmt.Sprintf("%v %+v %#v %+v", e, e, e, n), form) {
				t.Errorf("%#v shows %q", e, form)
			}
		}
	}
}

func TestNoAuthenticationOffered(t *testing.T) {
	s := serve(t, options{noAuth: true})
	c := s.config()
	c.Username, c.Password = "aer", ref(t, "env:PASSWORD")
	wantError(t, open(t, c, sinktest.Secret(password)).Notify(context.Background(), sample()), notify.ClassServer, 0, true)
}

// TestDroppedAfterData: whether the server took the message is not known. It is sent again, and both carry one
// Message-ID.
func TestHostileContentStaysInTheBody(t *testing.T) {
	for i, v := range append(sinktest.HostileIDs, "\r\n.\r\nMAIL FROM:<x@example.com>\r\n",
		"x\r\nBcc: victim@example.com\r\n\r\n<script>") {
		s := serve(t, options{})
		n := sample()
		n.Id, n.OrgId, n.UserId, n.Subject, n.Text, n.Html, n.Language, n.ResponseId = v, v, v, v, v+"\n", "<p>"+v, v, v
		if err := open(t, s.config(), nil).Notify(context.Background(), n); err != nil {
			t.Errorf("%d: %v", i, err)
		}
		raw, _ := s.received(t, "u1@example.com")
		if len(raw) != 1 || len(s.mailboxes) != 1 {
			t.Fatalf("value %.40q: %d messages to %d people", v, len(raw), len(s.mailboxes))
		}
		m, err := mail.ReadMessage(strings.NewReader(raw[0]))
		if err != nil {
			t.Fatal(err)
		}
		for h := range m.Header {
			switch h {
			case "From", "To", "Subject", "Date", "Message-Id", "Mime-Version", "Content-Type",
				"Content-Language", "Auto-Submitted",
				"Precedence", "List-Id", "X-Auto-Response-Suppress":
			default:
				t.Errorf("value %.40q adds a header %s", v, h)
			}
		}
	}
}

func TestConfig(t *testing.T) {
	good := defaults()
	good.Host, good.From = "mail.example.com", "aer@example.com"
	if err := good.Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(c *smtp.Config){
		"host: must not be":          func(c *smtp.Config) { c.Host = "" },
		"port: 70000":                func(c *smtp.Config) { c.Port = 70000 },
		`tls: "sometimes"`:           func(c *smtp.Config) { c.TLS = "sometimes" },
		"tls: none contradicts host": func(c *smtp.Config) { c.TLS = smtp.TLSNone },
		"from: ":                     func(c *smtp.Config) { c.From = "nobody" },
		"username: has no password":  func(c *smtp.Config) { c.Username = "aer" },
		"timeout: ":                  func(c *smtp.Config) { c.Timeout = 0 },
		"connections: ":              func(c *smtp.Config) { c.Connections = 0 },
	} {
		c := good
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one with %q", err, want)
		}
	}
	good.TLS, good.AllowPlain = smtp.TLSNone, true
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	good.CAFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(good.CAFile, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := smtp.New(good, nil); err == nil || !strings.Contains(err.Error(), "ca_file") {
		t.Errorf("error is %v", err)
	}
}
