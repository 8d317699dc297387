// SPDX-License-Identifier: Apache-2.0

package smtp

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"time"

	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/transforms/strict"
)

// How a connection is protected (Config.TLS).
const (
	// TLSStart: the connection begins in the clear and must be upgraded before anything is said (RFC 3207).
	TLSStart = "starttls"
	// TLSImplicit: TLS from the first byte (RFC 8314).
	TLSImplicit = "implicit"
	// TLSNone: no protection.
	TLSNone = "none"
)

// ports that go with each protection.
var ports = map[string]int{TLSStart: 587, TLSImplicit: 465, TLSNone: 25}

// Config says which server takes AER's mail.
type Config struct {
	Host string `yaml:"host"`
	// 0 means the port that goes with tls: 587, 465 or 25.
	Port int `yaml:"port"`
	// starttls, implicit or none.
	TLS string `yaml:"tls"`
	// none is refused unless the server is on this machine, or this is set.
	AllowPlain bool `yaml:"allow_plain"`
	// PEM file of the authorities to trust instead of the system's.
	CAFile string `yaml:"ca_file"`
	// Sender, with or without a display name.
	From     string     `yaml:"from"`
	Username string     `yaml:"username"`
	Password secret.Ref `yaml:"password"`
	// Name by which AER greets the server; empty is the machine's.
	HELO string `yaml:"helo"`
	// Of one delivery; below the time a response gives to one attempt, 10 s.
	Timeout time.Duration `yaml:"timeout"`
	// At once: relays commonly allow a client ten or twenty.
	Connections int `yaml:"connections"`
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	k.Filled("host", c.Host, "the name of the mail server")
	for key, name := range map[string]string{"host": c.Host, "helo": c.HELO} {
		if _, err := notify.ASCIIDomain(name); err != nil {
			k.Wrong(key, err.Error(), "use the name of a machine")
		}
	}
	k.Want(c.Port >= 0 && c.Port <= 65535, "port", c.Port, "1 to 65535, or 0 for the usual one")
	strict.Choice(&k, "tls", c.TLS, TLSStart, TLSImplicit, TLSNone)
	if c.TLS == TLSNone && !c.AllowPlain && !loopback(c.Host) {
		k.Wrong("tls", fmt.Sprintf("none contradicts host: %q is another machine", c.Host),
			fmt.Sprintf("use %s or %s, or allow_plain: true if the way there is protected", TLSStart, TLSImplicit))
	}
	k.Want(isSender(c.From), "from", c.From, "a mail address, with or without a name")
	switch {
	case c.Username != "" && c.Password.Empty():
		k.Wrong("username", "has no password", "give both, or neither")
	case c.Username == "" && !c.Password.Empty():
		k.Wrong("password", "has no username", "give both, or neither")
	case c.Username != "":
		k.Under("password", c.Password.Validate())
	}
	k.Want(c.Timeout > 0, "timeout", c.Timeout, "more than 0s")
	k.Want(c.Connections >= 1, "connections", c.Connections, "1 or more")
	return k.Err()
}

// isSender says that mail can come from an address. A server with SMTPUTF8 takes letters beyond ASCII before the @.
func isSender(from string) bool {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return false
	}
	if _, err := mail.ParseAddress(a.Address); err != nil {
		return false
	}
	_, err = notify.ASCIIAddress(a.Address)
	return err == nil || errors.Is(err, notify.ErrLocalPart)
}

func (c Config) port() int {
	if c.Port != 0 {
		return c.Port
	}
	return ports[c.TLS]
}

// loopback says that a name can only mean this machine.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
