package smtp

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"time"

	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/secret"
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

// Defaults of Config.
const (
	// Timeout of one delivery. It must stay below the time a response gives to one attempt, 10 s.
	Timeout = 8 * time.Second
	// Connections at once: relays commonly allow a client ten or twenty.
	Connections = 4
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
	HELO        string        `yaml:"helo"`
	Timeout     time.Duration `yaml:"timeout"`
	Connections int           `yaml:"connections"`
}

// DefaultConfig protects the connection; host and from are for the operator to fill in.
func DefaultConfig() Config {
	return Config{TLS: TLSStart, Timeout: Timeout, Connections: Connections}
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var errs []error
	wrong := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.Host == "" {
		wrong("host is empty, want the name of the mail server")
	}
	if _, err := notify.ASCIIDomain(c.Host); err != nil {
		wrong("host %w, want the name of the mail server", err)
	}
	if _, err := notify.ASCIIDomain(c.HELO); err != nil {
		wrong("helo %w, want the name of this machine, or nothing", err)
	}
	if c.Port < 0 || c.Port > 65535 {
		wrong("port is %d, want 1 to 65535, or 0 for the usual one", c.Port)
	}
	if ports[c.TLS] == 0 {
		wrong("tls is %q, want %s, %s or %s", c.TLS, TLSStart, TLSImplicit, TLSNone)
	}
	if c.TLS == TLSNone && !c.AllowPlain && !loopback(c.Host) {
		wrong("tls is none for %q, which is another machine: want %s or %s, or allow_plain: true if the way there is protected", c.Host, TLSStart, TLSImplicit)
	}
	if a, err := mail.ParseAddress(c.From); err != nil {
		wrong("from is %q, want a mail address, with or without a name", c.From)
	} else if _, err := mail.ParseAddress(a.Address); err != nil {
		wrong("from is %q, want a plain mail address in it", c.From)
	} else if _, err := notify.ASCIIAddress(a.Address); err != nil && !errors.Is(err, notify.ErrLocalPart) {
		wrong("from %w, want a mail address", err)
	}
	if (c.Username == "") != c.Password.Empty() {
		wrong("username and password must both be given, or neither")
	}
	if err := c.Password.Validate(); !c.Password.Empty() && err != nil {
		wrong("password: %w", err)
	}
	if c.Timeout <= 0 {
		wrong("timeout is %v, want more than 0", c.Timeout)
	}
	if c.Connections < 1 {
		wrong("connections is %d, want 1 or more", c.Connections)
	}
	return errors.Join(errs...)
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
