package adapters_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/adapters"
	"github.com/aer-project/aer/sinks/sinktest"

	"time"
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
		{"{}", `sessions.kind is "", want embedded, webhook, slack, pubsub or caep`},
		{"{kind: ldap}", `sessions.kind is "ldap"`},
		{"{kind: webhook}", "sessions.webhook.url is empty"},
		{"{kind: webhook, webhook: {url: 'http://h/x', secrets: ['env:SET']}}", "sessions.webhook.url does not begin with https://"},
		{"{kind: webhook, webhook: {url: 'https://h/x'}}", "sessions.webhook.secrets has 0 entries"},
		{"{kind: webhook, webhook: {url: 'https://h/x', secrets: [hunter2]}}", "sessions.webhook.secrets[0] is not a reference to a secret, want env:NAME"},
		{"{kind: webhook, webhook: {url: 'https://h/x', secrets: ['env:UNSET']}}", "env:UNSET: the variable is not set"},
		{"{kind: slack}", "sessions.slack.orgs is empty"},
		{"{kind: slack, slack: {orgs: [{org_id: O1, token: xoxp-hunter2}, {org_id: O1}]}}", "sessions.slack.orgs[1].org_id \"O1\" is given twice"},
		{"{kind: pubsub, pubsub: {topic: t}}", `sessions.pubsub.topic is "t", want projects/P/topics/T`},
		{"{kind: caep, caep: {url: 'https://h/x'}}", "sessions.caep.issuer is empty"},
		{"{kind: caep, caep: {url: 'https://h/x', issuer: i, audience: a, keys: ['env:SET']}}", "no PEM"},
		{"{kind: caep, caep: {url: 'https://h/x', issuer: i, audience: a, subject: simple, keys: ['env:SET']}}", `sessions.caep.subject is "simple", want complex, or a simple one: iss_sub`},
		{"{kind: caep, caep: {url: 'https://h/x', issuer: i, audience: a, subject: iss_sub, keys: ['env:SET']}}", "sessions.caep.user_issuer is empty, want the issuer"},
	} {
		var conf adapters.Config
		if err := yaml.UnmarshalWithOptions([]byte(c.yaml), &conf, yaml.Strict()); err != nil {
			t.Fatalf("%s: %v", c.yaml, err)
		}
		a, err := adapters.Open(context.Background(), conf, adapters.Options{Store: s, Secrets: loader, Now: func() time.Time { return sinktest.T0 }})
		switch {
		case c.wrong == "" && err != nil:
			t.Errorf("%s: %v", c.yaml, err)
		case c.wrong == "":
			if sessions.EndsApps(a.Sessions) != conf.EndsApps() {
				t.Errorf("%s: ends apps %v, the configuration says %v", c.yaml, !conf.EndsApps(), conf.EndsApps())
			}
			if err := a.Close(); err != nil {
				t.Error(err)
			}
		case err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), long):
			t.Errorf("%s: error is %v, want %q", c.yaml, err, c.wrong)
		}
	}
}
