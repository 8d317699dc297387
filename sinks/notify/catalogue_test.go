package notify

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestEveryLanguageSaysEverything: each catalogue has exactly the keys of the English one, none of them empty.
func TestEveryLanguageSaysEverything(t *testing.T) {
	all, err := catalogues()
	if err != nil {
		t.Fatal(err)
	}
	english := all[DefaultLanguage].flat()
	for _, c := range all {
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(c.flat()))); diff != "" {
			t.Errorf("keys of %s (-en +%s):\n%s", c.Language, c.Language, diff)
		}
		for k, v := range c.flat() {
			if strings.TrimSpace(v) == "" {
				t.Errorf("%s of %s is empty", k, c.Language)
			}
		}
		for _, typ := range aerv1.AnomalyTypes {
			if c.Noticed[typ] == "" || c.Titles[typ] == "" {
				t.Errorf("%s has no words for %s", c.Language, typ)
			}
		}
		if _, err := c.say("roles."+aerv1.RoleActingUser, &words{}); err != nil || c.TimeLayout == "" {
			t.Errorf("%s: %v, time layout %q", c.Language, err, c.TimeLayout)
		}
	}
}

func TestBadCatalogues(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"wrong language": {"language: fr\n", `language is "fr", want "de"`},
		"unknown key":    {"language: de\ngreeting: Hallo\n", "greeting"},
		"bad template":   {"language: de\nlabels: {when: '{{.When'}\n", "labels.when"},
		"bad YAML":       {"language: [\n", "de.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := loadCatalogues(fstest.MapFS{"catalogue/de.yaml": {Data: []byte(c.text)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one with %q", err, c.want)
			}
		})
	}
}

func TestLanguageFallsBack(t *testing.T) {
	for _, tag := range []string{"", "en", "en-GB", "EN_us", "xx", "../en", "\x00"} {
		if c, err := catalogueFor(tag); err != nil || c.Language != "en" {
			t.Errorf("catalogue for %q: %v, %v", tag, c, err)
		}
	}
}

func TestClean(t *testing.T) {
	for _, c := range []struct {
		in   string
		max  int
		want string
	}{
		{"Ada", 80, "Ada"},
		{" a\r\nb\tc\x00 ", 80, "a b c"},
		{"a\u202eb\u2066c\u200bd\ufeff", 80, "a b c d"},
		{"x\u2028y\u2029z\u0085w", 80, "x y z w"},
		{"\xff\xfe", 80, "?"},
		{"ééééé", 4, "ééé…"},
		{"éééé", 4, "éééé"},
		{"", 4, ""},
	} {
		if got := clean(c.in, c.max); got != c.want {
			t.Errorf("clean(%q, %d) = %q, want %q", c.in, c.max, got, c.want)
		}
	}
}

func TestTokenAndAddress(t *testing.T) {
	for in, want := range map[string]string{
		"python-requests": "python-requests", "Edg 120.0": "Edg 120.0", "http://evil.example/x": "httpevil.examplex",
		"<b>": "b", "а": "", "a\nb": "ab",
	} {
		if got := token(in); got != want {
			t.Errorf("token(%q) = %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{"203.0.113.7": "203.0.113.7", "1.23.45.678": "", "fe80::1%<b>": "fe80::1", "": ""} {
		if got := address(in); got != want {
			t.Errorf("address(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\r\nb", 3)
	f.Fuzz(func(t *testing.T, s string, max int) {
		if max < 1 || max > 1000 {
			return
		}
		got := clean(s, max)
		if len([]rune(got)) > max || strings.ContainsAny(got, "\r\n\x00\u2028\u202e") || clean(got, max) != got {
			t.Errorf("clean(%q, %d) = %q", s, max, got)
		}
	})
}
