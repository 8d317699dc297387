// SPDX-License-Identifier: Apache-2.0

// Package smtp delivers mail to people through a mail server.
//
// At most once, or at least once: SMTP gives no answer if the connection breaks between the end of a message and the
// server's reply. AER then sends it again, because a person who reads twice that they were signed out is better off
// than one who never does. Both carry the same Message-ID, derived from the notification's id, by which mail systems
// that look for duplicates find them. The same holds for a process that dies before it has noted the delivery.
// Otherwise each message is sent once: Once remembers within a process, the ledger of responses between them.
//
// Servers with SMTPUTF8 (RFC 6531) get addresses as they are written. Others get domains in ASCII (bücher.example as
// xn--bcher-kva.example) and cannot be sent what has other letters before the @. The greeting and the server's own name
// are always ASCII.
//
// Errors say what they are about: see Class. Temporary replies (4yz) and broken connections can be tried again, final
// ones (5yz) cannot if they are about the address or the message.
package smtp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"os"

	gomail "github.com/wneessen/go-mail"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/secret"
)

// Notifier sends mail. It implements notify.Notifier for notify.ChannelEmail and is safe for concurrent use.
type Notifier struct {
	c        Config
	from     *mail.Address
	password secret.Source // nil without authentication
	tls      *tls.Config
	slots    chan struct{}
	once     notify.Once
}

// Open is New with the secrets that the configuration refers to.
func Open(ctx context.Context, c Config, o notify.Options) (notify.Notifier, error) {
	passwords, err := o.Secrets.FollowAll(ctx, "password", o.Now, c.Password)
	if err != nil {
		return nil, err
	}
	return New(c, append(passwords, nil)[0])
}

// New checks the configuration and connects to nothing. password is needed if a username is set; it is asked for at
// each delivery, so that it can change.
func New(c Config, password secret.Source) (*Notifier, error) {
	if err := c.Validate(); err != nil {
		return nil, fmt.Errorf("setting up mail: %w", err)
	}
	if c.Username != "" && password == nil {
		return nil, fmt.Errorf("setting up mail: username is %q and there is no password", c.Username)
	}
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("setting up mail: from: %w", err)
	}
	// Validate has seen that both can be spelled in ASCII, which the resolver, certificates and the greeting need.
	c.Host, _ = notify.ASCIIDomain(c.Host)
	c.HELO, _ = notify.ASCIIDomain(c.HELO)
	t := &tls.Config{ServerName: c.Host, MinVersion: tls.VersionTLS12}
	if c.CAFile != "" {
		if t.RootCAs, err = readCAs(c.CAFile); err != nil {
			return nil, fmt.Errorf("setting up mail: ca_file: %w", err)
		}
	}
	return &Notifier{c: c, from: from, password: password, tls: t, slots: make(chan struct{}, c.Connections)}, nil
}

func readCAs(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate in PEM form", path)
	}
	return pool, nil
}

// Notify implements notify.Notifier.
func (m *Notifier) Notify(ctx context.Context, n *aerv1.Notification) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := notify.Validate(n); err != nil {
		return err
	}
	if n.GetChannel() != notify.ChannelEmail {
		return retry.Permanent(fmt.Errorf("delivering mail: channel is %q, want %q", n.GetChannel(), notify.ChannelEmail))
	}
	return m.once.Do(ctx, n, func(ctx context.Context) error { return m.deliver(ctx, n) })
}

func (m *Notifier) deliver(ctx context.Context, n *aerv1.Notification) error {
	msg, err := notify.Mail(n, m.from)
	if err != nil {
		return retry.Permanent(fmt.Errorf("writing mail: %w", err))
	}
	select {
	case m.slots <- struct{}{}:
		defer func() { <-m.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	var hide []string
	client, err := m.client(ctx, &hide)
	if err != nil {
		return err
	}
	err = m.send(ctx, client, msg, n.GetAddress())
	switch own := (*Error)(nil); {
	case err == nil || msg.IsDelivered(): // whatever went wrong after the server took it is no failure
		return nil
	case errors.As(err, &own):
		return err
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ctx.Err(), classify(err, hide))
	}
	return classify(err, hide)
}

// client prepares a connection. hide gets what must not be shown of the password.
func (m *Notifier) client(ctx context.Context, hide *[]string) (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(m.c.port()), gomail.WithTimeout(m.c.Timeout), gomail.WithTLSConfig(m.tls),
		gomail.WithTLSPolicy(gomail.NoTLS), gomail.WithoutNoop()}
	if m.c.TLS == TLSStart {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if m.c.HELO != "" {
		options = append(options, gomail.WithHELO(m.c.HELO))
	}
	if m.c.Username != "" {
		password, err := m.password.Get(ctx)
		if err != nil {
			return nil, fmt.Errorf("delivering mail: reading the password: %w", err)
		}
		*hide = secretForms(m.c.Username, password.Reveal())
		// The strongest that the server offers; PLAIN and LOGIN only over TLS or to this machine.
		options = append(options, gomail.WithUsername(m.c.Username), gomail.WithPassword(password.Reveal()),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthPlain,
				gomail.SMTPAuthLogin))
	}
	client, err := gomail.NewClient(m.c.Host, options...)
	if err != nil {
		return nil, retry.Permanent(fmt.Errorf("setting up mail: %s", redact(err.Error(), *hide)))
	}
	return client, nil
}

// send connects, sends and hangs up. The connection ends with ctx and after the timeout, whatever the server does.
func (m *Notifier) send(ctx context.Context, client *gomail.Client, msg *gomail.Msg, to string) error {
	ctx, cancel := context.WithTimeout(ctx, m.c.Timeout)
	defer cancel()
	dial := func(dialling context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(dialling, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() })
		if m.c.TLS != TLSImplicit {
			return conn, nil
		}
		secure := tls.Client(conn, m.tls)
		return secure, secure.HandshakeContext(dialling)
	}
	if err := gomail.WithDialContextFunc(dial)(client); err != nil {
		return err
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = client.CloseWithSMTPClient(conn) }()
	if able, _ := conn.Extension("SMTPUTF8"); !able {
		if err := m.inASCII(msg, to); err != nil {
			return err
		}
	}
	return client.SendWithSMTPClient(conn, msg)
}

// inASCII spells the addresses of a message for a server without SMTPUTF8.
func (m *Notifier) inASCII(msg *gomail.Msg, to string) error {
	from, err := notify.ASCIIAddress(m.from.Address)
	if err != nil {
		return retry.After(&Error{Class: notify.ClassServer, text: notify.Line("from " + err.Error())}, refusedPause)
	}
	if to, err = notify.ASCIIAddress(to); err != nil {
		return retry.Permanent(&Error{Class: notify.ClassAddress, text: notify.Line(err.Error())})
	}
	msg.FromMailAddress(&mail.Address{Name: m.from.Name, Address: from})
	msg.ToMailAddress(&mail.Address{Address: to})
	return nil
}
