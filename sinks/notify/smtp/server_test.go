// SPDX-License-Identifier: Apache-2.0

package smtp_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"
)

// server is a real SMTP server on loopback with a mailbox per address, and faults to order.
type server struct {
	host, caFile string
	port         int

	mu        sync.Mutex
	mailboxes map[string][]string // raw messages
	users     []string            // who signed in
	greeted   []string            // what clients called themselves
	senders   []string            // of envelopes
	plain     int                 // messages that came without TLS

	// Faults. Set before use.
	onAuth func(user, password string) error
	onMail func(from string) error
	onRcpt func(to string) error
	// Called with the message in the mailbox already.
	onData func(c *gosmtp.Conn) error
}

type options struct {
	noTLS, implicit, untrusted, noAuth, utf8 bool
}

// serve starts a server and stops it with the test.
func serve(t *testing.T, o options) *server {
	t.Helper()
	s := &server{host: "127.0.0.1", mailboxes: map[string][]string{}}
	cert, ca := certificate(t)
	if o.untrusted {
		_, ca = certificate(t)
	}
	s.caFile = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(s.caFile, ca, 0o600); err != nil {
		t.Fatal(err)
	}
	srv := gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		ses := &session{server: s, conn: c}
		if o.noAuth {
			return struct{ gosmtp.Session }{ses}, nil
		}
		return ses, nil
	}))
	srv.Domain = "mail.example.com"
	srv.AllowInsecureAuth = true
	srv.EnableSMTPUTF8 = o.utf8
	srv.ErrorLog = silent{}
	conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if !o.noTLS {
		srv.TLSConfig = conf
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	if o.implicit {
		l = tls.NewListener(l, conf)
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() {
		_ = srv.Close()
		_ = l.Close() // Serve may not have begun yet, and the server then does not know its listener
		<-done
	})
	return s
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// received returns the messages an address got, and how many different Message-IDs they have: what a mail system that
// looks for duplicates shows.
func (s *server) received(t *testing.T, to string) (raw []string, distinct int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := map[string]bool{}
	for _, m := range s.mailboxes[to] {
		parsed, err := mail.ReadMessage(strings.NewReader(m))
		if err != nil {
			t.Fatal(err)
		}
		ids[parsed.Header.Get("Message-Id")] = true
	}
	return slices.Clone(s.mailboxes[to]), len(ids)
}

type session struct {
	*server
	conn *gosmtp.Conn
	to   []string
}

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if s.onAuth != nil {
			if err := s.onAuth(user, password); err != nil {
				return err
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.users = append(s.users, user)
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if s.onMail != nil {
		return s.onMail(from)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.greeted, s.senders = append(s.greeted, s.conn.Hostname()), append(s.senders, from)
	return nil
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	if s.onRcpt != nil {
		if err := s.onRcpt(to); err != nil {
			return err
		}
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	for _, to := range s.to {
		s.mailboxes[to] = append(s.mailboxes[to], string(raw))
	}
	if _, secure := s.conn.TLSConnectionState(); !secure {
		s.plain++
	}
	s.mu.Unlock()
	if s.onData != nil {
		return s.onData(s.conn)
	}
	return nil
}

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

func reply(code int, enhanced gosmtp.EnhancedCode, text string) error {
	return &gosmtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: text}
}

// dropConnection hangs up without an answer.
func dropConnection(c *gosmtp.Conn) error {
	return errors.Join(c.Conn().Close(), errors.New("hung up"))
}

// certificate makes a certificate for this machine and returns it also in PEM form, for those who are to trust it.
func certificate(t *testing.T) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour),
		IsCA:     true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
