// SPDX-License-Identifier: Apache-2.0

package ocsftest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"
)

// Complaints says what is wrong with an event, each with its path; none means that it is valid.
//
// It is stricter than the published validators in two things: what is required must not be empty, and no value is null.
func (s *Schema) Complaints(event []byte) []string {
	d := json.NewDecoder(bytes.NewReader(event))
	d.UseNumber()
	var e map[string]any
	if err := d.Decode(&e); err != nil {
		return []string{"no JSON object: " + err.Error()}
	}
	uid := fmt.Sprint(e["class_uid"])
	class, known := s.Classes[uid]
	if !known {
		return []string{fmt.Sprintf("class_uid %s is not in the rendering of the schema", uid)}
	}
	c := &check{schema: s}
	meta, _ := e["metadata"].(map[string]any)
	if meta["version"] != s.Version {
		c.complain("metadata.version", "is %v, want %s", meta["version"], s.Version)
	}
	profiles, _ := meta["profiles"].([]any)
	for _, p := range profiles {
		c.profiles = append(c.profiles, fmt.Sprint(p))
		if !slices.Contains(class.Profiles, fmt.Sprint(p)) {
			c.complain("metadata.profiles", "names %v, which %s does not have", p, class.Name)
		}
	}
	if activity, err := strconv.Atoi(fmt.Sprint(e["activity_id"])); err == nil &&
		fmt.Sprint(e["type_uid"]) != fmt.Sprintf("%s%02d", uid, activity) {
		c.complain("type_uid", "is %v, want class_uid * 100 + activity_id", e["type_uid"])
	}
	c.object("", class, e)
	return c.found
}

type check struct {
	schema   *Schema
	profiles []string
	found    []string
}

func (c *check) complain(path, format string, args ...any) {
	c.found = append(c.found, path+" "+fmt.Sprintf(format, args...))
}

func (c *check) object(path string, o Object, v map[string]any) {
	for name, a := range o.Attributes {
		if a.Required && c.applies(a) && empty(v[name]) {
			c.complain(path+name, "is required")
		}
	}
	if n := present(v, o.AtLeastOne); len(o.AtLeastOne) > 0 && n == 0 {
		c.complain(path, "has none of %v", o.AtLeastOne)
	}
	if n := present(v, o.JustOne); len(o.JustOne) > 0 && n != 1 {
		c.complain(path, "has %d of %v, want one", n, o.JustOne)
	}
	for name, value := range v {
		a, known := o.Attributes[name]
		switch {
		case !known:
			c.complain(path+name, "is unknown to %s", o.Name)
			continue
		case !c.applies(a):
			c.complain(path+name, "belongs to the profile %s, which is not named", a.Profile)
		case a.Deprecated:
			c.complain(path+name, "is deprecated")
		}
		c.attribute(path+name, a, o.Enums[name], v, value)
	}
}

func (c *check) applies(a Attribute) bool {
	return a.Profile == "" || slices.Contains(c.profiles, a.Profile)
}

func present(v map[string]any, names []string) (n int) {
	for _, name := range names {
		if !empty(v[name]) {
			n++
		}
	}
	return n
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

func (c *check) attribute(path string, a Attribute, enum map[string]string, in map[string]any, value any) {
	list, isList := value.([]any)
	if a.Array != isList {
		c.complain(path, "is a list: %v, want %v", isList, a.Array)
		return
	}
	if !isList {
		list = []any{value}
	}
	for _, v := range list {
		if enum != nil {
			c.enum(path, enum, v)
		}
		if a.Sibling != "" && enum != nil && !isList {
			c.sibling(path, a.Sibling, enum, fmt.Sprint(v), in[a.Sibling])
		}
		c.value(path, a.Type, v)
	}
}

func (c *check) enum(path string, enum map[string]string, v any) {
	if _, known := enum[fmt.Sprint(v)]; !known {
		c.complain(path, "is %v, which is none of its values", v)
	}
}

// other is the value of an enum whose meaning is in its sibling.
const other = "99"

// sibling: the caption beside a value is the value's own, and where the value is "other" it says which.
func (c *check) sibling(path, name string, enum map[string]string, v string, sibling any) {
	switch {
	case v == other && empty(sibling):
		c.complain(path, "is %s and %s does not say what that is", v, name)
	case v == other && sibling == enum[other]:
		c.complain(path, "is %s and %s says no more", v, name)
	case v != other && sibling != nil && sibling != enum[v]:
		c.complain(path, "is %s and %s is %q, want %q", v, name, sibling, enum[v])
	}
}

func (c *check) value(path, kind string, v any) {
	t, basic := c.schema.Types[kind]
	if !basic {
		m, ok := v.(map[string]any)
		o, known := c.schema.Objects[kind]
		switch {
		case !ok:
			c.complain(path, "is %v, want an object", v)
		case kind == "object": // anything
		case !known:
			c.complain(path, "is of the type %s, which is not in the rendering of the schema", kind)
		default:
			c.object(path+".", o, m)
		}
		return
	}
	if !t.fits(v) {
		c.complain(path, "is %v, want %s", v, kind)
	}
}

func (t Type) fits(v any) bool {
	switch t.Kind {
	case "string":
		s, ok := v.(string)
		return ok && (t.MaxLen == 0 || utf8.RuneCountInString(s) <= t.MaxLen) &&
			(t.Regex == "" || regexp.MustCompile(t.Regex).MatchString(s))
	case "integer":
		n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
		_, number := v.(json.Number)
		return number && err == nil && (len(t.Range) != 2 || t.Range[0] <= n && n <= t.Range[1])
	case "float":
		_, ok := v.(json.Number)
		return ok
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "json":
		return v != nil
	}
	return false
}
