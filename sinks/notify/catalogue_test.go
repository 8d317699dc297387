// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"text/template/parse"

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
		if _, err := c.say("roles."+aerv1.RoleActingUser, &words{}); err != nil {
			t.Errorf("%s: %v", c.Language, err)
		}
	}
}

const months = "months: [a, b, c, d, e, f, g, h, i, j, k, l]\n"

// TestTranslationsFillInTheSame: a phrase says what the English one says only if it uses the same values. Those that
// are tested but not printed ({{if .Tor}}) count too.
func TestTranslationsFillInTheSame(t *testing.T) {
	all, err := catalogues()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		for key := range c.parsed {
			want, got := fields(all[DefaultLanguage].parsed[key].Root), fields(c.parsed[key].Root)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s of %s (-en +%s):\n%s", key, c.Language, c.Language, diff)
			}
		}
	}
}

var fieldPattern = regexp.MustCompile(`\.[A-Z][A-Za-z]*`)

// fields lists the fields of words that a template uses.
func fields(n *parse.ListNode) []string {
	found := map[string]bool{}
	var actions func(n parse.Node)
	actions = func(n parse.Node) {
		switch n := n.(type) {
		case *parse.ListNode:
			for _, c := range n.Nodes {
				actions(c)
			}
		case *parse.IfNode:
			for _, f := range fieldPattern.FindAllString(n.Pipe.String(), -1) {
				found[f] = true
			}
			actions(n.List)
			if n.ElseList != nil {
				actions(n.ElseList)
			}
		case *parse.ActionNode:
			for _, f := range fieldPattern.FindAllString(n.String(), -1) {
				found[f] = true
			}
		}
	}
	actions(n)
	return slices.Sorted(maps.Keys(found))
}

// TestPlurals: none, one and many read differently in every language, and the number is said.
func TestPlurals(t *testing.T) {
	all, err := catalogues()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		for key, w := range map[string]func(n int) *words{
			"phrases.ended":  func(n int) *words { return &words{Ended: uint32(n)} },
			"digest.subject": func(n int) *words { return &words{Count: n} },
			"digest.intro":   func(n int) *words { return &words{Count: n} },
			"digest.more":    func(n int) *words { return &words{Left: n} },
		} {
			said := map[string]bool{}
			for _, n := range []int{1, 2, 3} {
				s, err := c.say(key, w(n))
				if err != nil {
					t.Fatal(err)
				}
				if n > 1 && !strings.Contains(s, strconv.Itoa(n)) || n == 1 && strings.Contains(s, "1") {
					t.Errorf("%s of %s for %d: %s", key, c.Language, n, s)
				}
				said[strings.ReplaceAll(s, strconv.Itoa(n), "N")] = true
			}
			if len(said) != 2 {
				t.Errorf("%s of %s has no form for one: %v", key, c.Language, said)
			}
		}
	}
}

func TestBadCatalogues(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"wrong language": {months + "language: fr\n", `language is "fr", want "de"`},
		"unknown key":    {"language: de\ngreeting: Hallo\n", "greeting"},
		"no months":      {"language: de\n", "months: 0 names, want 12"},
		"bad template":   {months + "language: de\nlabels: {when: '{{.When'}\n", "labels.when"},
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
	for _, tag := range []string{"", "en", "en-GB", "EN_us", "xx", "../en", "\x00", "d", "dee"} {
		if c, err := catalogueFor(tag); err != nil || c.Language != "en" {
			t.Errorf("catalogue for %q: %v, %v", tag, c, err)
		}
	}
}

func TestGermanIsFound(t *testing.T) {
	for _, tag := range []string{"de", "de-AT", "DE_ch", "de-DE-u-co-phonebk"} {
		if c, err := catalogueFor(tag); err != nil || c.Language != "de" {
			t.Errorf("catalogue for %q: %v, %v", tag, c.Language, err)
		}
	}
	if all, err := Languages(); err != nil || !slices.Equal(all, []string{"de", "en"}) {
		t.Errorf("languages are %v, %v", all, err)
	}
}

func TestCountriesAreNamed(t *testing.T) {
	de, err := catalogueFor("de")
	if err != nil {
		t.Fatal(err)
	}
	en, err := catalogueFor("en")
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string][2]string{"DE": {"Deutschland", "Germany"},
		"br": {"Brasilien", "Brazil"}, "": {"", ""},
		"QQQ": {"QQQ", "QQQ"}, "<b>": {"b", "b"}, "150": {"150", "150"}, "x.example\n": {"x.example", "x.example"}} {
		if got := [2]string{de.country(code), en.country(code)}; got != want {
			t.Errorf("country %q is %v, want %v", code, got, want)
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
	for in, want := range map[string]string{"203.0.113.7": "203.0.113.7", "1.23.45.678": "",
		"fe80::1%<b>": "fe80::1", "": ""} {
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
