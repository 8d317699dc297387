// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aer-project/aer/sinks/sessions/webhook/webhookref"
)

// platformSecret signs the webhooks of scripts; they find it in the variable PLATFORM_SECRET.
const platformSecret = "a secret of scripts, 32 bytes long"

// platform is a platform with sessions, behind the reference receiver of the webhook.
type platform struct {
	mu    sync.Mutex
	alive map[string][]string // by organisation/user
}

// End implements webhookref.Platform.
func (p *platform) End(_ context.Context, org, user string, ids []string) (ended int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := org + "/" + user
	before := len(p.alive[k])
	p.alive[k] = slices.DeleteFunc(p.alive[k], func(id string) bool { return len(ids) == 0 || slices.Contains(ids, id) })
	return before - len(p.alive[k]), nil
}

// startPlatform is the command "platform FILE ORG/USER/SESSION...": it starts a platform with sessions and puts its
// address where FILE says PLATFORM_URL.
func startPlatform(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: platform FILE ORG/USER/SESSION...")
	}
	p := ts.Value("platform").(*platform)
	for _, s := range args[1:] {
		i := strings.LastIndex(s, "/")
		p.alive[s[:i]] = append(p.alive[s[:i]], s[i+1:])
	}
	srv := httptest.NewServer(&webhookref.Handler{Platform: p, Secrets: []string{platformSecret}, Now: time.Now})
	ts.Defer(srv.Close)
	ts.Setenv("PLATFORM_SECRET", platformSecret)
	file := ts.MkAbs(args[0])
	config := strings.ReplaceAll(ts.ReadFile(args[0]), "PLATFORM_URL", srv.URL)
	ts.Check(os.WriteFile(file, []byte(config), 0o600))
}

// wantAlive is the command "alive ORG/USER [SESSION...]": these sessions and no others are alive.
func wantAlive(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: alive ORG/USER [SESSION...]")
	}
	p := ts.Value("platform").(*platform)
	p.mu.Lock()
	defer p.mu.Unlock()
	if got := p.alive[args[0]]; !slices.Equal(got, args[1:]) {
		ts.Fatalf("sessions of %s are %q, want %q", args[0], got, args[1:])
	}
}
