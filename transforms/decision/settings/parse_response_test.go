package settings

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
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
	if _, err := Parse("s.yaml", []byte("orgs:\n  O1:\n    response: {range: all}\n")); err == nil || !strings.Contains(err.Error(), `scope`) {
		t.Errorf("error is %v", err)
	}
}
