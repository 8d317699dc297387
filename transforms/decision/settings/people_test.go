// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/lists"
	"github.com/aer-project/aer/transforms/strict"
)

// TestMistakesAboutPersons: who stays, what stays of them, and the whole of what is said; ParseDirectory says it too
// and takes nothing.
func TestMistakesAboutPersons(t *testing.T) {
	keys := strings.Join(personKeys, ", ")
	for src, c := range map[string]struct{ people, warning string }{
		// a key says who somebody is: what contradicts it gives nobody else's roles away
		"{A: {user_id: B, name: x}}":        {"A x", `A.user_id: "B" contradicts the key "A"; leave it out`},
		"{A: {user_id: [B]}}":               {"A ", "A.user_id: expected a text, found a list"},
		`{A: {user_id: ""}}`:                {"A ", "A.user_id: must not be empty"},
		`{"": {name: x}, B: }`:              {"B ", ": a person's id must not be empty"},
		"{A: {name: x}, A: {name: y}, B: }": {"A x,B ", "A: given twice; keep one"},
		"{A: {naem: x}}":                    {"A ", "A.naem: unknown key; known are " + keys},
		"{A: {type: gest, name: x}}": {"A x", `A.type: "gest" is not possible; use member, guest, external, bot; ` +
			"did you mean guest?"},
		"{A: {roles: boss}}":  {"A ", `A.roles: expected a list, found "boss"; give a list of roles`},
		`{A: {groups: [""]}}`: {"A ", "A.groups[0]: must not be empty; give a list of group ids"},
		"{A: {language: [en]}}": {"A ", "A.language: expected a text, found a list; " +
			"use a language tag such as en or de"},
		"[{user_id: A}, {name: x}]":                                    {"A ", "[1]: user_id is missing"},
		`[{user_id: ""}, {user_id: A}]`:                                {"A ", "[0].user_id: must not be empty\n[0]: user_id is missing"},
		"[{user_id: A, name: x}, {user_id: B}, {user_id: A, name: y}]": {"A x,B ", `: person "A" is given twice; keep one`},
	} {
		data := []byte("orgs: {O1: {people: " + src + "}}")
		dirs, warnings, err := ReadDirectory("d.yaml", data)
		if err != nil || len(warnings) != 1 {
			t.Errorf("%s: warnings %q, error %v", src, warnings, err)
			continue
		}
		var people []string
		for _, p := range dirs[0].People {
			people = append(people, p.UserId+" "+p.Name)
		}
		told := func(s string) string { // without where it stands
			s = strings.ReplaceAll(s, "d.yaml:1: orgs.O1.people", "")
			return strings.TrimPrefix(strings.ReplaceAll(s, "\n.", "\n"), ".")
		}
		if got := strings.Join(people, ","); got != c.people || told(warnings[0]) != c.warning+"; left out" {
			t.Errorf("%s\n  got  %q, %q\n  want %q, %q", src, got, told(warnings[0]), c.people, c.warning)
		}
		if dirs, err := ParseDirectory("d.yaml", data); err == nil || told(err.Error()) != c.warning || dirs != nil {
			t.Errorf("%s: ParseDirectory: %v, error %v", src, dirs, err)
		}
	}
}

// TestAMistakeAboutTheFile is no person's and costs the file, whoever reads it.
func TestAMistakeAboutTheFile(t *testing.T) {
	for src, want := range map[string]string{
		"people: 5": `d.yaml:3: orgs.O1.people: expected a mapping, found "5"; give one key for each person`,
		"peeple: {}": "d.yaml:3: orgs.O1.peeple: unknown key; known are " + strings.Join(directoryKeys, ", ") +
			"; did you mean people?",
		"name: [Acme]":  "d.yaml:3: orgs.O1.name: expected a text, found a list",
		"domain: {a: }": "d.yaml:3: orgs.O1.domain: expected a text, found a mapping",
		"org_id: O2":    `d.yaml:3: orgs.O1.org_id: "O2" contradicts the key "O1"; leave it out`,
	} {
		data := []byte("orgs:\n  O1:\n    " + src)
		_, _, err := ReadDirectory("d.yaml", data)
		if _, strictly := ParseDirectory("d.yaml", data); fmt.Sprint(err) != want || fmt.Sprint(strictly) != want {
			t.Errorf("%s\n  got  %v and %v\n  want %s", src, err, strictly, want)
		}
	}
}

// TestTooManyBadPersons: up to the number allowed they are left out, the first few by name; one more costs the file,
// and the error stays readable.
func TestTooManyBadPersons(t *testing.T) {
	const all = 10_000
	read := func(bad int) ([]*aerv1.Directory, []string, error) {
		var b strings.Builder
		b.WriteString("orgs:\n- org_id: O1\n  people:\n")
		for i := range all {
			fmt.Fprintf(&b, "  - {user_id: U%d, email: %s}\n", i,
				map[bool]string{true: "nobody", false: "a@b.example"}[i < bad])
		}
		return ReadDirectory("d.yaml", []byte(b.String()))
	}
	allowed := lists.Allowed(all)
	dirs, warnings, err := read(allowed)
	if err != nil || len(dirs[0].People) != all || len(warnings) != lists.SaidMax+1 ||
		warnings[lists.SaidMax] != fmt.Sprintf("d.yaml: %d more of its %d people have something that was left out",
			allowed-lists.SaidMax, all) {
		t.Errorf("%d bad of %d: warnings %q, error %v", allowed, all, warnings, err)
	}
	_, _, err = read(allowed + 1)
	if n := strings.Count(fmt.Sprint(err), "\n") + 1; err == nil || n != min(allowed+1, strict.MaxErrors) {
		t.Errorf("one more: %d lines of error", n)
	}
}

// TestMailAddresses keep out what could smuggle a header or a second recipient into a message.
func TestMailAddresses(t *testing.T) {
	for address, ok := range map[string]bool{
		"": true, "kim@acme.example": true, "a@b@c.example": true, "kîm@bücher.example": true,
		"@acme.example": false, "kim@": false, "kim": false, "a@b, c@d": false, "a@b,c@d": false, "Kim <a@b>": false,
		"a@b\tc": false, "a@b\nBcc: c@d": false, "a@b\r": false, "a@b\x00": false, "a\x7f@b": false, "a@b\u2028c": false,
		"a@b\u0085": false, "a@\u202eb": false, "a\u00a0@b": false,
	} {
		data := []byte(fmt.Sprintf("orgs: {O1: {people: {A: {email: %s}}}}", quote(address)))
		dirs, err := ParseDirectory("d.yaml", data)
		if (err == nil) != ok || ok && dirs[0].People[0].Email != address ||
			!ok && !strings.Contains(err.Error(), "A.email: "+fmt.Sprintf("%q", address)+" is not a mail address") {
			t.Errorf("%q: %v, error %v", address, dirs, err)
		}
	}
}

func TestLookUps(t *testing.T) {
	first, last := &aerv1.Person{UserId: "A", Name: "first"}, &aerv1.Person{UserId: "A", Name: "last"}
	people := NewPeople([]*aerv1.Directory{{OrgId: "O1", People: []*aerv1.Person{first, last}}, {OrgId: "O2"}})
	if people.Person("O1", "A") != last || people.Person("O2", "A") != nil || people.Person("O1", "") != nil {
		t.Error("the later entry counts, in its own organisation only")
	}
	if none := (*People)(nil); none.Person("O1", "A") != nil || none.Directory("O1") != nil {
		t.Error("nobody knows somebody")
	}
	off := &aerv1.Settings{OrgId: "O1", Apps: aerv1.AppsOff}
	set := NewSet([]*aerv1.Settings{{OrgId: "O1", Apps: aerv1.AppsRespond}, off})
	if !proto.Equal(set.For("O1"), Complete(off)) || !proto.Equal(set.For("O2"), Default("O2")) {
		t.Errorf("the later settings count, completed, in their own organisation only: %v", set.For("O1"))
	}
}
