// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	gosmtp "github.com/emersion/go-smtp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/smtp"
	dmhook "github.com/aer-project/aer/sinks/notify/webhook"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/webhook"
	"github.com/aer-project/aer/sinks/sessions/webhook/webhookref"
	"github.com/aer-project/aer/sinks/sinktest"
)

const sharedSecret = "0123456789abcdef0123456789abcdef"

// The outside servers that a test can make misbehave.
const (
	serverSessions = "sessions"
	serverMail     = "mail"
	serverDM       = "dm"
)

// outside is the world beyond the wire: a platform's session store behind the reference handler of the webhook, a mail
// server, and a messenger. It counts what took effect.
type outside struct {
	sessionsURL, dmURL, mailAddr string

	mu    sync.Mutex
	world *sinktest.World // the platform's sessions
	ends  int             // how often it ended sessions of somebody
	mails map[string][]string
	dms   map[string]int // by key: how often it took effect
	// down says that a server takes no connections; fault is asked before a server acts, acted is called when it has and
	// before it answers. All by the server's name.
	down  func(server string) bool
	fault func(server string, w http.ResponseWriter, r *http.Request) bool
	mailFault,
	acted func(server string) error
}

func startOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{
		world: sinktest.NewWorld(), mails: map[string][]string{}, dms: map[string]int{},
		down:  func(string) bool { return false },
		fault: func(string, http.ResponseWriter, *http.Request) bool { return false },
	}
	o.mailFault = func(string) error { return nil }
	o.acted = o.mailFault
	o.sessionsURL = o.serve(t, serverSessions,
		&webhookref.Handler{Platform: o, Secrets: []string{sharedSecret}, Now: time.Now})
	o.dmURL = o.serve(t, serverDM, http.HandlerFunc(o.takeDM))
	srv := gosmtp.NewServer(
		gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &mailSession{o: o}, nil }))
	srv.Domain, srv.ErrorLog = "mail.example.com", silentLog{}
	l := o.listen(t, serverMail)
	o.mailAddr = l.Addr().String()
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close(); <-done })
	return o
}

// set changes what goes wrong.
func (o *outside) set(change func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change()
}

func (o *outside) isDown(server string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.down(server)
}

func (o *outside) listen(t *testing.T, server string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return downListener{l, func() bool { return o.isDown(server) }}
}

// downListener hangs up on everybody while it is down.
type downListener struct {
	net.Listener
	down func() bool
}

func (l downListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil || !l.down() {
			return c, err
		}
		_ = c.Close()
	}
}

func (o *outside) serve(t *testing.T, server string, h http.Handler) (url string) {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Connection", "close") // so that a server that goes down is down for everyone
		o.mu.Lock()
		fault := o.fault
		o.mu.Unlock()
		if fault(server, w, r) {
			return
		}
		answer := httptest.NewRecorder()
		h.ServeHTTP(answer, r)
		if err := o.told(server); err != nil {
			panic(http.ErrAbortHandler) // it acted, and nobody hears of it
		}
		for k, v := range answer.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	_ = s.Listener.Close()
	s.Listener = o.listen(t, server)
	s.Start()
	t.Cleanup(s.Close)
	return s.URL
}

func (o *outside) told(server string) error {
	o.mu.Lock()
	acted := o.acted
	o.mu.Unlock()
	return acted(server)
}

// End implements webhookref.Platform.
func (o *outside) End(ctx context.Context, org, user string, ids []string) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ends++
	scope := sessions.ScopeAll
	if len(ids) > 0 {
		scope = sessions.ScopeListed
	}
	res, err := o.world.Revoke(ctx, sessions.Request{Key: time.Duration(o.ends).String(), OrgID: aerv1.OrgID(org),
		UserID: aerv1.UserID(user), SessionIDs: ids, Scope: scope})
	return res.Ended, err
}

// takeDM is a messenger that honours keys.
func (o *outside) takeDM(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	m := dmhook.Message{}
	if err == nil {
		err = json.Unmarshal(body, &m)
	}
	if err == nil {
		err = webhook.Verify(r.Header, body, time.Now(), webhook.Tolerance, sharedSecret)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	o.mu.Lock()
	if o.dms[m.Key] == 0 {
		o.dms[m.Key]++
	}
	o.mu.Unlock()
	_, _ = io.WriteString(w, `{"ok":true}`)
}

type silentLog struct{}

func (silentLog) Printf(string, ...any) {}
func (silentLog) Println(...any)        {}

type mailSession struct {
	o  *outside
	to []string
}

func (s *mailSession) Mail(string, *gosmtp.MailOptions) error {
	s.o.mu.Lock()
	fault := s.o.mailFault
	s.o.mu.Unlock()
	return fault(serverMail)
}

func (s *mailSession) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.o.mu.Lock()
	for _, to := range s.to {
		s.o.mails[to] = append(s.o.mails[to], string(raw))
	}
	s.o.mu.Unlock()
	return s.o.told(serverMail)
}

func (s *mailSession) Reset()        { s.to = nil }
func (s *mailSession) Logout() error { return nil }

// received returns, for each address, how many mails came and how many different Message-IDs they have.
func (o *outside) received(t *testing.T) (mails, distinct map[string]int) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	mails, distinct = map[string]int{}, map[string]int{}
	for to, raws := range o.mails {
		ids := map[string]bool{}
		for _, raw := range raws {
			m, err := mail.ReadMessage(strings.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			ids[m.Header.Get("Message-Id")] = true
		}
		mails[to], distinct[to] = len(raws), len(ids)
	}
	return mails, distinct
}

// adapters are AER's side of the wire.
type adapters struct {
	sessions sessions.Sessions
	notifier notify.Notifier
	close    func() error
}

// connect opens the production adapters on servers at the given addresses.
func connect(sessionsURL, dmURL, mailAddr string) (*adapters, error) {
	fixed := []secret.Source{sinktest.Secret(sharedSecret)}
	ref, err := sinktest.ParseRef("env:SHARED_SECRET")
	if err != nil {
		return nil, err
	}
	s := webhook.New(sessionsURL, fixed, time.Now)
	dm, err := dmhook.New(dmhook.Config{URL: dmURL, Secrets: []secret.Ref{ref}}, fixed, time.Now)
	if err != nil {
		return nil, err
	}
	addr, err := net.ResolveTCPAddr("tcp", mailAddr)
	if err != nil {
		return nil, err
	}
	c := smtp.Config{Host: "127.0.0.1", Port: addr.Port, TLS: smtp.TLSNone, From: "aer@example.com",
		Timeout: 8 * time.Second, Connections: 4}
	m, err := smtp.New(c, nil)
	if err != nil {
		return nil, err
	}
	return &adapters{sessions: s, notifier: byChannel{m, dm},
		close: func() error { return errors.Join(s.Close(), dm.Close()) }}, nil
}

// byChannel sends mail to one notifier and direct messages to another.
type byChannel struct{ email, dm notify.Notifier }

func (b byChannel) Notify(ctx context.Context, n *aerv1.Notification) error {
	if n.GetChannel() == notify.ChannelEmail {
		return b.email.Notify(ctx, n)
	}
	return b.dm.Notify(ctx, n)
}
