// SPDX-License-Identifier: Apache-2.0

package smtp_test

import (
	"context"
	"net/mail"
	"strings"
	"testing"

	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/smtp"
)

// TestDomainsBeyondASCII: servers that have not said SMTPUTF8 get nothing but ASCII, in the dialogue and in the
// headers; the others get addresses as they are written. Ids are the same either way.
func TestDomainsBeyondASCII(t *testing.T) {
	for _, c := range []struct {
		name, from, helo, to  string
		utf8                  bool
		sender, greeting, got string
	}{
		{"domain", "aer@example.com", "", "jorg@bücher.example", false, "aer@example.com", "", "jorg@xn--bcher-kva.example"},
		{"all three", "AER <aer@übung.example>", "wächter.example", "jorg@bücher.example", false, "aer@xn--bung-zra.example",
			"xn--wchter-bua.example", "jorg@xn--bcher-kva.example"},
		{"capitals", "aer@example.com", "", "Info@BÜCHER.example", false, "aer@example.com", "",
			"Info@xn--bcher-kva.example"},
		{"sharp s is itself", "aer@example.com", "", "a@straße.example", false, "aer@example.com", "",
			"a@xn--strae-oqa.example"},
		{"another script", "aer@example.com", "", "a@例え.テスト", false, "aer@example.com", "", "a@xn--r8jz45g.xn--zckzah"},
		{"ASCII stays", "aer@example.com", "", "O'Brien+x@Sub_domain.Example", false, "aer@example.com", "",
			"O'Brien+x@Sub_domain.Example"},
		{"in ASCII already", "aer@example.com", "", "a@xn--bcher-kva.example", false, "aer@example.com", "",
			"a@xn--bcher-kva.example"},
		{"as written", "AER <aer@übung.example>", "wächter.example", "jörg@bücher.example", true, "aer@übung.example",
			"xn--wchter-bua.example", "jörg@bücher.example"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := serve(t, options{utf8: c.utf8})
			conf := s.config()
			conf.From, conf.HELO = c.from, c.helo
			n := sample()
			n.Address = c.to
			if err := open(t, conf, nil).Notify(context.Background(), n); err != nil {
				t.Fatal(err)
			}
			raw, _ := s.received(t, c.got)
			if len(raw) != 1 || s.senders[0] != c.sender || c.greeting != "" && s.greeted[0] != c.greeting {
				t.Fatalf("from %q greeted %q to %v", s.senders, s.greeted, s.mailboxes)
			}
			m, err := mail.ReadMessage(strings.NewReader(raw[0]))
			if err != nil {
				t.Fatal(err)
			}
			domain := c.sender[strings.Index(c.sender, "@"):]
			if c.utf8 {
				domain = "@xn--bung-zra.example"
			}
			if id := m.Header.Get("Message-Id"); !strings.HasSuffix(id, domain+">") {
				t.Errorf("Message-ID is %q", id)
			}
			head, _, _ := strings.Cut(raw[0], "\r\n\r\n")
			if c.utf8 {
				return
			}
			if strings.ContainsFunc(head, func(r rune) bool { return r > 127 }) || !strings.Contains(head, c.got) {
				t.Errorf("headers are\n%s", head)
			}
		})
	}
}

// TestLettersBeforeTheAt: a server without SMTPUTF8 is not even asked, and no repetition helps.
func TestLettersBeforeTheAt(t *testing.T) {
	s := serve(t, options{})
	n := sample()
	n.Address = "jörg@bücher.example"
	e := wantError(t, open(t, s.config(), nil).Notify(context.Background(), n), notify.ClassAddress, 0, false)
	if !strings.Contains(e.Error(), "SMTPUTF8") || !strings.Contains(e.Error(), n.Address) || len(s.senders) != 0 {
		t.Errorf("%v, after %q", e, s.senders)
	}
	n.Address = "a@" + strings.Repeat("ü", 70) + ".example"
	wantError(t, open(t, s.config(), nil).Notify(context.Background(), n), notify.ClassAddress, 0, false)

	// The sender is the operator's to change, so that the message is kept.
	c := s.config()
	c.From = "wächter@example.com"
	e = wantError(t, open(t, c, nil).Notify(context.Background(), sample()), notify.ClassServer, 0, true)
	if !strings.Contains(e.Error(), "from ") || len(s.senders) != 0 {
		t.Errorf("%v, after %q", e, s.senders)
	}
}

func TestNamesThatAreNone(t *testing.T) {
	long := strings.Repeat("ü", 70) + ".example"
	for want, change := range map[string]func(*smtp.Config){
		"host: ": func(c *smtp.Config) { c.Host = long },
		"helo: ": func(c *smtp.Config) { c.HELO = "wächter example" },
		"from: ": func(c *smtp.Config) { c.From = "a@" + long },
	} {
		c := defaults()
		c.Host, c.From = "mail.example.com", "aer@example.com"
		change(&c)
		if err := c.Validate(); err == nil || !strings.HasPrefix(err.Error(), want) ||
			!strings.Contains(err.Error(), "; use ") {
			t.Errorf("error is %v, want one about %s", err, want)
		}
	}
	if a, err := notify.ASCIIDomain("[192.0.2.1]"); err != nil || a != "[192.0.2.1]" {
		t.Errorf("a literal becomes %q, %v", a, err)
	}
}
