// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestResponseScope(t *testing.T) {
	parse := func(scope string) (string, string, error) {
		all, err := Parse("s.yaml", []byte("orgs:\n  O1:\n    response: {scope: "+scope+"}\n"))
		if err != nil {
			return "", "", err
		}
		again, err := Parse("again.yaml", Render(all))
		if err != nil || !proto.Equal(all[0], again[0]) {
			t.Errorf("scope %s: rendering loses it: %v\n%s", scope, err, Render(all))
		}
		if whole := Complete(all[0]); !proto.Equal(all[0], whole) {
			t.Errorf("scope %s: completing loses it: %v", scope, whole.GetResponse())
		}
		return all[0].GetResponse().GetScope(), all[0].GetVersion(), nil
	}
	if scope, version, err := parse("all"); err != nil || scope != "" || version != Default("O1").Version {
		t.Errorf("all is the default: %q, %s, %v", scope, version, err)
	}
	if scope, version, err := parse("session"); err != nil || scope != "session" || version == Default("O1").Version {
		t.Errorf("session: %q, %s, %v", scope, version, err)
	}
	if _, _, err := parse("device"); err == nil || !strings.Contains(err.Error(), "s.yaml:3: orgs.O1.response.scope") {
		t.Errorf("error is %v", err)
	}
	if _, err := Parse("s.yaml", []byte("orgs:\n  O1:\n    response: {range: all}\n")); err == nil ||
		!strings.Contains(err.Error(), `scope`) {
		t.Errorf("error is %v", err)
	}
}

func TestApps(t *testing.T) {
	for choice, want := range map[string]string{"off": aerv1.AppsOff, "log": "", "respond": aerv1.AppsRespond} {
		all, err := Parse("s.yaml", []byte("orgs:\n  O1:\n    apps: "+choice+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse("again.yaml", Render(all))
		if s := all[0]; err != nil || s.GetApps() != want || !proto.Equal(s, again[0]) || !proto.Equal(s, Complete(s)) ||
			(s.GetVersion() == Default("O1").Version) != (want == "") {
			t.Errorf("%s: %q, version %s, again %v, %v", choice, s.GetApps(), s.GetVersion(), again, err)
		}
	}
	if _, err := Parse("s.yaml", []byte("orgs:\n  O1:\n    apps: revoke\n")); err == nil ||
		!strings.Contains(err.Error(), "s.yaml:3: orgs.O1.apps") {
		t.Errorf("error is %v", err)
	}
	if s := Complete(&aerv1.Settings{OrgId: "O1", Apps: "everything"}); s.GetApps() != "" {
		t.Errorf("a choice that there is not: %q", s.GetApps())
	}
}
