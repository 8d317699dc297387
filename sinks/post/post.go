// SPDX-License-Identifier: Apache-2.0

// Package post sends a request to an outside server and reads its answer, within bounds that hold whatever the server
// does.
//
// Redirects are not followed: the request carries a signature or a token that was meant for one place. Errors name the
// host only, because paths and queries of such addresses often hold a secret, and are classified for package retry.
package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/transforms/strict"
)

// Timeout bounds a whole exchange: below the ten seconds that a response gives one attempt, so that the error is ours.
const Timeout = 8 * time.Second

// MaxAnswer is how much of an answer is read, in bytes. Answers are short JSON objects; a longer one is cut, and then
// is no JSON.
const MaxAnswer = 64 << 10

// connsPerHost bounds the connections to one server: responses are rare, and a burst should not become an attack.
const connsPerHost = 8

// Client posts. Make one with New; it is safe for concurrent use.
type Client struct{ http *http.Client }

// New returns a client with connections of its own; the zero timeout means Timeout.
func New(timeout time.Duration) *Client {
	if timeout <= 0 {
		timeout = Timeout
	}
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxConnsPerHost, t.MaxIdleConnsPerHost = connsPerHost, connsPerHost
	return &Client{http: &http.Client{
		Transport: t, Timeout: timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Answer is what a server said.
type Answer struct {
	Status int
	Header http.Header
	// At most MaxAnswer bytes.
	Body []byte
}

// ErrNotSent says that no connection came about: the server cannot have acted.
var ErrNotSent = errors.New("nothing was sent")

// Post sends body. An error means that no answer came: unless it is ErrNotSent, whether the server acted is not known.
func (c *Client) Post(ctx context.Context, address string, header http.Header, body []byte) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, retry.Permanent(errors.New("the address is not usable")) // the error itself would repeat it
	}
	req.Header = header
	// Without this, the transport would repeat the request by itself on a connection that broke: header Idempotency-Key
	// makes it think that it may. Whether to repeat is decided where the ledger is.
	req.GetBody = nil
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	resp, err := c.http.Do(req.WithContext(httptrace.WithClientTrace(ctx, trace)))
	if err != nil {
		if !connected.Load() {
			return Answer{}, fmt.Errorf("posting to %s: %w: %w", req.URL.Host, ErrNotSent, withoutURL(err))
		}
		return Answer{}, fmt.Errorf("posting to %s: %w", req.URL.Host, withoutURL(err))
	}
	defer func() { _ = resp.Body.Close() }()
	a := Answer{Status: resp.StatusCode, Header: resp.Header}
	if a.Body, err = io.ReadAll(io.LimitReader(resp.Body, MaxAnswer)); err != nil {
		return Answer{}, fmt.Errorf("reading the answer of %s: %w", req.URL.Host, withoutURL(err))
	}
	return a, nil
}

// withoutURL takes the address out of an error of package net/http.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// CheckURL says what is wrong with an address that secrets are sent to: it must be https, except on this machine, and
// hold no password. The error does not repeat the address.
func CheckURL(address string) error {
	var problem string
	u, err := url.Parse(address)
	switch {
	case address == "":
		problem = "must not be empty"
	case err != nil || u.Host == "" || u.Hostname() == "":
		problem = "not a URL"
	case u.User != nil:
		problem = "holds a user or password, which would show in logs"
	case u.Fragment != "":
		problem = "has a fragment (#)"
	case u.Scheme != "https" && (u.Scheme != "http" || !onThisMachine(u.Hostname())):
		problem = "does not begin with https://, which only addresses of this machine may do without"
	default:
		return nil
	}
	return &strict.Error{Problem: problem, Right: "use https://host/path"}
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
