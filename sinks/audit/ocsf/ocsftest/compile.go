// SPDX-License-Identifier: Apache-2.0

package ocsftest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"strconv"
	"strings"
)

// Source and license of the schema, for the rendering.
const (
	source  = "https://github.com/ocsf/ocsf-schema"
	license = "Apache-2.0, (c) OCSF a Series of LF Projects, LLC"
)

// fields are the members of an attribute or of a definition, not decoded yet: a later one replaces an earlier one by
// member.
type fields = map[string]json.RawMessage

// definition is a class, object or profile as its file has it.
type definition struct {
	UID         int                 `json:"uid"`
	Caption     string              `json:"caption"`
	Name        string              `json:"name"`
	Meta        string              `json:"meta"`
	Category    string              `json:"category"`
	Extends     string              `json:"extends"`
	Attributes  fields              `json:"attributes"`
	Constraints map[string][]string `json:"constraints"`
	Profiles    []string            `json:"profiles"`
}

// compiled is a definition with includes and inheritance worked in.
type compiled struct {
	definition
	attributes map[string]fields
}

// dictionary is dictionary.json: what attributes have in common wherever they are used.
type dictionary struct {
	Attributes map[string]fields `json:"attributes"`
	Types      struct {
		Attributes map[string]struct {
			Type   string  `json:"type"`
			Regex  string  `json:"regex"`
			MaxLen int     `json:"max_len"`
			Range  []int64 `json:"range"`
		} `json:"attributes"`
	} `json:"types"`
}

type category struct {
	UID     int    `json:"uid"`
	Caption string `json:"caption"`
}

type compiler struct {
	dir        fs.FS
	files      map[string]string // paths by "events/NAME" and "objects/NAME"
	dictionary dictionary
	categories map[string]category
	out        *Schema
}

// Compile reads the folder of a published schema and renders the classes and objects named.
func Compile(dir fs.FS, classes, objects []string) (*Schema, error) {
	c := &compiler{dir: dir, files: map[string]string{}, out: &Schema{Source: source, License: license,
		Classes: map[string]Object{}, Objects: map[string]Object{}, Types: map[string]Type{}}}
	var version struct{ Version string }
	var categories struct{ Attributes map[string]category }
	if err := errors.Join(c.read("version.json", &version), c.read("dictionary.json", &c.dictionary),
		c.read("categories.json", &categories),
		c.find("events"), c.find("objects")); err != nil {
		return nil, fmt.Errorf("compiling the schema: %w", err)
	}
	c.out.Version, c.categories = version.Version, categories.Attributes
	for _, name := range classes {
		if err := c.class(name); err != nil {
			return nil, fmt.Errorf("compiling the class %s: %w", name, err)
		}
	}
	for _, name := range objects {
		d, err := c.definition("objects", name)
		if err == nil {
			c.out.Objects[name], err = c.object(d)
		}
		if err != nil {
			return nil, fmt.Errorf("compiling the object %s: %w", name, err)
		}
	}
	return c.out, nil
}

func (c *compiler) read(file string, into any) error {
	raw, err := fs.ReadFile(c.dir, file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// find notes where the definitions of a kind are. Names that begin with _ are written with and without it.
func (c *compiler) find(kind string) error {
	return fs.WalkDir(c.dir, kind, func(file string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && path.Ext(file) == ".json" {
			c.files[kind+"/"+strings.TrimSuffix(path.Base(file), ".json")] = file
		}
		return err
	})
}

// definition reads one definition: what it extends first, then what it includes, then what it says itself.
func (c *compiler) definition(kind, name string) (compiled, error) {
	d := compiled{attributes: map[string]fields{}}
	if err := c.read(c.files[kind+"/"+name], &d.definition); err != nil {
		return d, err
	}
	if d.Extends != "" {
		base, err := c.definition(kind, d.Extends)
		if err != nil {
			return d, err
		}
		d.inherit(base)
	}
	own := d.Attributes
	if list := own["$include"]; list != nil {
		var includes []string
		if err := json.Unmarshal(list, &includes); err != nil {
			return d, err
		}
		for _, file := range includes {
			if err := c.include(&d, file); err != nil {
				return d, err
			}
		}
	}
	return d, d.say(own, "")
}

func (d *compiled) inherit(base compiled) {
	d.attributes = base.attributes
	d.Profiles = append(base.Profiles, d.Profiles...)
	if d.Category == "" {
		d.Category = base.Category
	}
	constraints := maps.Clone(base.Constraints)
	if constraints == nil {
		constraints = map[string][]string{}
	}
	maps.Copy(constraints, d.Constraints)
	d.Constraints = constraints
}

// include adds the attributes of a profile, which an event may use only if it names the profile.
func (c *compiler) include(d *compiled, file string) error {
	var p definition
	if err := c.read(file, &p); err != nil {
		return err
	}
	profile := ""
	if p.Meta == "profile" {
		profile = p.Name
	}
	return d.say(p.Attributes, profile)
}

// say lays attributes over those there are.
func (d *compiled) say(attributes fields, profile string) error {
	for name, raw := range attributes {
		if name == "$include" {
			continue
		}
		f := fields{}
		if err := json.Unmarshal(raw, &f); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if _, said := f["profile"]; profile != "" && !said {
			f["profile"], _ = json.Marshal(profile)
		}
		d.attributes[name] = over(d.attributes[name], f)
	}
	return nil
}

// over lays the members of b over those of a; enums are joined.
func over(a, b fields) fields {
	out := fields{}
	maps.Copy(out, a)
	maps.Copy(out, b)
	if a["enum"] != nil && b["enum"] != nil {
		enum := fields{}
		_ = json.Unmarshal(a["enum"], &enum) // both were decoded as part of their file
		_ = json.Unmarshal(b["enum"], &enum)
		out["enum"], _ = json.Marshal(enum)
	}
	return out
}

// class adds a class, with the values that follow from its place in the schema.
func (c *compiler) class(name string) error {
	d, err := c.definition("events", name)
	if err != nil {
		return err
	}
	o, err := c.object(d)
	if err != nil {
		return err
	}
	cat := c.categories[d.Category]
	uid := cat.UID*1000 + d.UID
	o.Profiles = d.Profiles
	o.Enums["class_uid"] = map[string]string{strconv.Itoa(uid): d.Caption}
	o.Enums["category_uid"] = map[string]string{strconv.Itoa(cat.UID): cat.Caption}
	types := map[string]string{}
	for id, caption := range o.Enums["activity_id"] {
		n, err := strconv.Atoi(id)
		if err != nil {
			return err
		}
		types[strconv.Itoa(uid*100+n)] = d.Caption + ": " + caption
	}
	o.Enums["type_uid"] = types
	c.out.Classes[strconv.Itoa(uid)] = o
	return nil
}

func (c *compiler) object(d compiled) (Object, error) {
	o := Object{Name: d.Name, Attributes: map[string]Attribute{}, Enums: map[string]map[string]string{},
		AtLeastOne: d.Constraints["at_least_one"], JustOne: d.Constraints["just_one"]}
	for name, said := range d.attributes {
		raw, err := json.Marshal(over(c.dictionary.Attributes[name], said))
		if err != nil {
			return o, err
		}
		var a struct {
			Type, Requirement, Sibling string
			Profile                    *string
			Array                      bool                                `json:"is_array"`
			Deprecated                 json.RawMessage                     `json:"@deprecated"`
			Enum                       map[string]struct{ Caption string } `json:"enum"`
		}
		if err := json.Unmarshal(raw, &a); err != nil {
			return o, fmt.Errorf("%s: %w", name, err)
		}
		out := Attribute{Type: a.Type, Array: a.Array, Required: a.Requirement == "required", Deprecated: a.Deprecated != nil,
			Sibling: a.Sibling}
		if a.Profile != nil {
			out.Profile = *a.Profile
		} else if a.Enum != nil { // those of profiles AER does not name would be most of the file
			o.Enums[name] = map[string]string{}
			for id, e := range a.Enum {
				o.Enums[name][id] = e.Caption
			}
		}
		o.Attributes[name] = out
		c.addType(a.Type)
	}
	return o, nil
}

// addType notes a basic type, under the kind that it comes down to. Names that are no basic type are objects.
func (c *compiler) addType(name string) {
	t, known := c.dictionary.Types.Attributes[name]
	if !known {
		return
	}
	kind := name
	if t.Type != "" {
		kind = t.Type
	}
	if kind == "long_t" {
		kind = "integer_t"
	}
	c.out.Types[name] = Type{Kind: strings.TrimSuffix(kind, "_t"), Regex: t.Regex, MaxLen: t.MaxLen, Range: t.Range}
}
