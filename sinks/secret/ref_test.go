// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
)

func TestParseRef(t *testing.T) {
	for _, s := range []string{"env:AER_KEY", "env:_a1", "file:/run/secrets/key",
		"gcp:projects/p-1/secrets/s_1/versions/latest", "gcp:projects/example.com:p/secrets/s/versions/3"} {
		r, err := sinktest.ParseRef(s)
		if err != nil || r.String() != s || r.Empty() {
			t.Errorf("%s: %v, %v", s, r, err)
		}
		var again secret.Ref
		raw, err := json.Marshal(r)
		if err != nil || json.Unmarshal(raw, &again) != nil || again != r {
			t.Errorf("%s: through JSON it is %v, %v", s, again, err)
		}
	}
	for _, s := range []string{hidden, "env:", "env:A B", "env:" + hidden, "file:relative/" + hidden, "file:",
		"gcp:projects/p", "gcp:projects/p/secrets/s/versions/" + hidden + "/x",
		"gcp:projects/p/secrets/../versions/1", "xoxb-" + hidden, "ENV:" + hidden, "vault:" + hidden, ":", "file:/a\x00b",
		hidden + "\nenv:A"} {
		r, err := sinktest.ParseRef(s)
		if err == nil || !strings.Contains(err.Error(), secret.Forms) {
			t.Errorf("%q: error is %v", s, err)
		}
		wantHidden(t, "the error", fmt.Sprint(err))
		wantHidden(t, "the reference", fmt.Sprintf("%v %+v %#v %s", r, r, r, walkRef(r)))
		if _, err := json.Marshal(r); err == nil {
			t.Errorf("%q: what is no reference was written", s)
		} else {
			wantHidden(t, "marshalling", err.Error())
		}
	}
	if r, err := sinktest.ParseRef(""); err == nil || !r.Empty() {
		t.Errorf("nothing: %v, %v", r, err)
	}
}

func walkRef(r secret.Ref) string { return fmt.Sprintf("%#v", struct{ r secret.Ref }{r}) }

// TestRefInYAML: the file's reader gets a reference or an empty one, and who validates says what is wrong.
func TestRefInYAML(t *testing.T) {
	var c struct {
		Token   secret.Ref   `yaml:"token"`
		Secrets []secret.Ref `yaml:"secrets"`
	}
	if err := yaml.Unmarshal([]byte("token: env:A\nsecrets: [\"file:/b\", "+hidden+"]\n"), &c); err != nil {
		t.Fatal(err)
	}
	if c.Token.String() != "env:A" || len(c.Secrets) != 2 || c.Secrets[0].String() != "file:/b" ||
		c.Secrets[1].Validate() == nil {
		t.Errorf("read %v", c)
	}
	wantHidden(t, "the configuration", fmt.Sprintf("%v %+v %#v", c, c, c))
}

func FuzzParseRef(f *testing.F) {
	for _, s := range []string{"", "env:A", "file:/a", "gcp:projects/p/secrets/s/versions/1", "x", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := sinktest.ParseRef(s)
		if err == nil && r.String() != s {
			t.Errorf("%q is read as %q", s, r)
		}
		if len(s) > 12 && err != nil && strings.Contains(err.Error(), s) && !strings.Contains(secret.Forms, s) {
			t.Errorf("the error repeats %q", s)
		}
	})
}
