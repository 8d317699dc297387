// SPDX-License-Identifier: Apache-2.0

package adapters_test

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/adapters"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/strict"
)

func TestValidateAndOpen(t *testing.T) {
	const long = "0123456789abcdef0123456789abcdef"
	loader := &secret.Loader{LookupEnv: func(name string) (string, bool) { return long, name == "SET" }}
	s, err := kv.Open(filepath.Join(t.TempDir(), "aer.db"), kv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	for _, c := range []struct{ yaml, wrong string }{
		{"{kind: embedded}", ""},
		{"{kind: webhook, webhook: {url: 'https://h/x', secrets: ['env:SET']}}", ""},
		{"{kind: slack, slack: {orgs: [{org_id: O1, team_id: T1, token: 'env:SET'}]}}", ""},
		{"{kind: pubsub, pubsub: {topic: projects/p/topics/t, endpoint: 'localhost:1'}}", ""},
		{"{}", `kind: must not be empty; use embedded, webhook, slack, pubsub, caep`},
		{"{kind: webhok}",
			`kind: "webhok" is not possible; use embedded, webhook, slack, pubsub, caep; did you mean webhook?`},
		{"{kind: webhook}", "webhook.url: must not be empty"},
		{"{kind: webhook, webhook: {url: 'http://h/x', secrets: ['env:SET']}}", "webhook.url: does not begin with https://"},
		{"{kind: webhook, webhook: {url: 'https://h/x'}}", "webhook.secrets: has 0 entries; give one, or two"},
		{"{kind: webhook, webhook: {url: 'https://h/x', secrets: [hunter2]}}",
			"webhook.secrets[0]: not a reference to a secret; use env:NAME"},
		{"{kind: webhook, webhook: {url: 'https://h/x', secrets: ['env:UNSET']}}", "env:UNSET: the variable is not set"},
		{"{kind: slack}", "slack.orgs: must not be empty; give at least one"},
		{"{kind: slack, slack: {orgs: [{org_id: O1, token: xoxp-hunter2}, {org_id: O1}]}}",
			"slack.orgs[1].org_id: \"O1\" is given twice"},
		{"{kind: pubsub, pubsub: {topic: t}}", `pubsub.topic: "t" is not possible; use projects/P/topics/T`},
		{"{kind: caep, caep: {url: 'https://h/x'}}", "caep.issuer: must not be empty"},
		{"{kind: caep, caep: {url: 'https://h/x', issuer: i, audience: a, keys: ['env:SET']}}", "no PEM"},
		{"{kind: caep, caep: {url: 'https://h/x', issuer: i, audience: a, subject: emai, keys: ['env:SET']}}",
			`caep.subject: "emai" is not possible; use complex, iss_sub, email, opaque; did you mean email?`},
		{"{kind: caep, caep: {url: 'https://h/x', issuer: i, audience: a, subject: iss_sub, keys: ['env:SET']}}",
			"caep.user_issuer: must not be empty; use the issuer"},
	} {
		var conf adapters.Config
		err := strict.Decode("aer.yaml", []byte(c.yaml), &conf)
		if err == nil {
			var a sessions.Sessions
			if a, err = adapters.Open(context.Background(), conf,
				sessions.Options{Store: s, Secrets: loader, Now: func() time.Time { return sinktest.T0 }}); err == nil {
				_, err := a.Revoke(sinktest.Cancelled(), sessions.Request{Key: "k", OrgID: "O1", UserID: "U1",
					Scope: sessions.ScopeApp, AppID: "A1"})
				if errors.Is(err, sessions.ErrUnsupported) == conf.EndsApps() {
					t.Errorf("%s: the access of an app: %v, but the configuration says %v", c.yaml, err, conf.EndsApps())
				}
				if c, ok := a.(io.Closer); ok && c.Close() != nil {
					t.Errorf("%v cannot be closed", a)
				}
			}
		}
		switch {
		case c.wrong == "":
			if err != nil {
				t.Errorf("%s: %v", c.yaml, err)
			}
		case err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "hunter2") ||
			strings.Contains(err.Error(), long):
			t.Errorf("%s: error is %v, want %q", c.yaml, err, c.wrong)
		}
	}
}
