// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/lists"
	"github.com/aer-project/aer/transforms/strict"
)

var (
	directoryKeys = []string{"org_id", "name", "domain", "people"}
	personKeys    = []string{"user_id", "name", "email", "language", "type", "groups", "roles"}
)

// ParseDirectory reads the people of organisations (YAML, and so JSON). "orgs" and "people" are mappings by id, or
// lists whose entries have an org_id or user_id.
//
//	orgs:
//	  O1:
//	    name: Acme
//	    domain: acme.example
//	    people:
//	      U1: {name: Kim, email: kim@acme.example, language: en, type: member, groups: [ops], roles: [security_admin]}
//
// The result is sorted by organisation and user. Errors are as with Parse.
func ParseDirectory(file string, data []byte) ([]*aerv1.Directory, error) {
	dirs, bad, err := readDirectory(file, data)
	if err != nil || len(bad.errs) > 0 {
		return nil, errors.Join(bad.first(), err)
	}
	return dirs, nil
}

// ReadDirectory is ParseDirectory of a file that must not be lost with all its people for the sake of a few: what
// cannot be read of a person is left out, and so is a person without a readable id or given twice. warnings say so, one
// by one for the first of them. Too many such persons (see lists.Allowed), and anything else that is wrong, are an
// error.
func ReadDirectory(file string, data []byte) (dirs []*aerv1.Directory, warnings []string, err error) {
	dirs, bad, err := readDirectory(file, data)
	if err == nil && len(bad.errs) > lists.Allowed(bad.people) {
		err = bad.first()
	}
	if err != nil {
		return nil, nil, err
	}
	for _, e := range bad.errs[:min(len(bad.errs), lists.SaidMax)] {
		warnings = append(warnings, e.Error()+"; left out")
	}
	if more := len(bad.errs) - len(warnings); more > 0 {
		warnings = append(warnings, fmt.Sprintf("%s: %d more of its %d people have something that was left out", file,
			more, bad.people))
	}
	return dirs, warnings, nil
}

// badPeople are what is wrong with single persons, an error each.
type badPeople struct {
	people int
	errs   []error
}

// first joins as many as are told of one file.
func (b badPeople) first() error { return errors.Join(b.errs[:min(len(b.errs), strict.MaxErrors)]...) }

// readDirectory tells what is wrong with persons from what is wrong with the file.
func readDirectory(file string, data []byte) ([]*aerv1.Directory, badPeople, error) {
	d := newDecoder(file)
	var out []*aerv1.Directory
	for _, org := range d.orgs(data) {
		out = append(out, d.directory(org))
	}
	if err := d.Err(); err != nil {
		return nil, d.bad, err
	}
	slices.SortFunc(out, func(a, b *aerv1.Directory) int { return cmp.Compare(a.OrgId, b.OrgId) })
	return out, d.bad, nil
}

func (d *decoder) directory(org orgNode) *aerv1.Directory {
	dir := &aerv1.Directory{OrgId: org.name}
	for _, f := range org.fields {
		switch f.Name {
		case "org_id":
			d.sameOrg(dir.OrgId, f)
		case "name":
			dir.Name, _ = d.Text(f.Value, f.Key, "")
		case "domain":
			dir.Domain, _ = d.Text(f.Value, f.Key, "")
		case "people":
			dir.People = d.people(f)
		default:
			d.Unknown(f, "key", directoryKeys)
		}
	}
	return dir
}

func (d *decoder) people(f strict.Field) []*aerv1.Person {
	var out []*aerv1.Person
	switch list := f.Value.(type) {
	case *ast.SequenceNode:
		for i, it := range list.Values {
			key := fmt.Sprintf("%s[%d]", f.Key, i)
			out = d.addPerson(out, func() *aerv1.Person {
				p := d.person("", d.Fields(it, key, "each entry is a person with a user_id"))
				if p.UserId == "" {
					d.Fail(it, key, "user_id is missing", "")
				}
				return p
			})
		}
	default:
		if strict.IsNull(f.Value) {
			return nil
		}
		for _, one := range d.keyedPeople(f) {
			out = d.addPerson(out, func() *aerv1.Person {
				var fields []strict.Field
				if !strict.IsNull(one.Value) {
					fields = d.Fields(one.Value, one.Key, "known keys are "+fmt.Sprint(personKeys))
				}
				if one.Name == "" {
					d.Fail(one.At, one.Key, "a person's id must not be empty", "")
				}
				return d.person(one.Name, fields)
			})
		}
	}
	slices.SortStableFunc(out, func(a, b *aerv1.Person) int { return cmp.Compare(a.UserId, b.UserId) })
	return slices.CompactFunc(out, func(a, b *aerv1.Person) bool {
		if a.UserId != b.UserId {
			return false
		}
		d.bad.errs = append(d.bad.errs, &strict.Error{File: d.File, Line: strict.LineOf(f.At), Key: f.Key,
			Problem: fmt.Sprintf("person %q is given twice", strict.Clip(b.UserId)), Right: "keep one"})
		return true
	})
}

// keyedPeople are the keys of people. One that is given twice is wrong with that person, and not with the file.
func (d *decoder) keyedPeople(f strict.Field) []strict.Field {
	before := d.Errs
	d.Errs = nil
	fields := d.Fields(f.Value, f.Key, "give one key for each person")
	if _, ok := f.Value.(*ast.MappingNode); !ok {
		before, d.Errs = append(before, d.Errs...), nil
	}
	for _, e := range d.Errs {
		d.bad.people++
		d.bad.errs = append(d.bad.errs, e)
	}
	d.Errs = before
	return fields
}

// addPerson reads one person and appends them, unless they have no id. What is wrong with them is theirs, not the
// file's.
func (d *decoder) addPerson(people []*aerv1.Person, read func() *aerv1.Person) []*aerv1.Person {
	before := d.Errs
	d.Errs = nil
	p := read()
	if d.bad.people++; len(d.Errs) > 0 {
		d.bad.errs = append(d.bad.errs, d.Err())
	}
	d.Errs = before
	if p.UserId == "" {
		return people
	}
	return append(people, p)
}

func (d *decoder) person(userID string, fields []strict.Field) *aerv1.Person {
	p := &aerv1.Person{UserId: userID}
	for _, f := range fields {
		switch f.Name {
		case "user_id":
			id, ok := d.Name(f.Value, f.Key, "")
			if ok && userID != "" && id != userID {
				d.Fail(f.Value, f.Key, fmt.Sprintf("%q contradicts the key %q", strict.Clip(id),
					strict.Clip(userID)), "leave it out")
			}
			if userID == "" {
				p.UserId = id
			}
		case "name":
			p.Name, _ = d.Text(f.Value, f.Key, "")
		case "email":
			p.Email = d.email(f)
		case "language":
			p.Language, _ = d.Text(f.Value, f.Key, "use a language tag such as en or de")
		case "type":
			p.Type = d.Choice(f.Value, f.Key, aerv1.UserMember, aerv1.UserGuest, aerv1.UserExternal, aerv1.UserBot)
		case "groups":
			p.Groups = d.Names(f.Value, f.Key, "give a list of group ids")
		case "roles":
			p.Roles = d.roles(f)
		default:
			d.Unknown(f, "key", personKeys)
		}
	}
	return p
}

// email only keeps out what can be no address and what could smuggle a header into a message.
func (d *decoder) email(f strict.Field) string {
	s, ok := d.Text(f.Value, f.Key, "")
	if at := strings.LastIndexByte(s, '@'); ok && s != "" &&
		(at <= 0 || at == len(s)-1 || strings.ContainsAny(s, " <>,") || strings.ContainsFunc(s, unprintable)) {
		d.Fail(f.Value, f.Key, fmt.Sprintf("%q is not a mail address", strict.Clip(s)), "write kim@acme.example")
		return ""
	}
	return s
}

// unprintable are controls, marks of direction, and every space but the plain one.
func unprintable(r rune) bool { return !unicode.IsPrint(r) }

func (d *decoder) roles(f strict.Field) []string {
	var out []string
	for i, it := range d.Items(f.Value, f.Key, "give a list of roles") {
		if r := d.Choice(it, fmt.Sprintf("%s[%d]", f.Key, i), aerv1.RoleOrgPrimaryOwner, aerv1.RoleSecurityAdmin); r != "" {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
