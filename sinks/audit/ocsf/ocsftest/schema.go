// SPDX-License-Identifier: Apache-2.0

// Package ocsftest checks events against the schema of OCSF as it was published, for tests.
//
// The published schema has a hundred classes; schema.json is a rendering of those that AER writes. It was made from the
// schema folder of https://github.com/ocsf/ocsf-schema, version 1.5.0 (Apache License 2.0, © OCSF a Series of LF
// Projects, LLC; descriptions are left out; LICENSE and NOTICE are beside it) by
//
//	go run ./sinks/audit/ocsf/ocsftest/gen SCHEMA_DIR > sinks/audit/ocsf/ocsftest/schema.json
//
// A test compares the two where the folder is present. AER that begins to write another class or object adds its name
// to Classes or Objects and makes the rendering again.
package ocsftest

import (
	_ "embed" // the rendering
	"encoding/json"
	"fmt"
	"strings"
)

//go:embed schema.json
var rendering []byte

// Classes are the event classes in the rendering, by name.
var Classes = []string{"authentication", "detection_finding", "entity_management"}

// Objects are the objects in the rendering, by name. Attributes of other types are known by name only.
var Objects = []string{"actor", "analysis_target", "analytic", "anomaly", "anomaly_analysis", "autonomous_system",
	"baseline", "evidences",
	"finding_info", "http_request", "ja4_fingerprint", "location", "managed_entity", "metadata",
	"network_endpoint", "observation",
	"organization", "product", "related_event", "service", "session", "user"}

// Schema is a compiled schema: includes, inheritance and the dictionary are worked in.
type Schema struct {
	Source  string `json:"source"`
	License string `json:"license"`
	Version string `json:"version"`
	// By class_uid in decimal.
	Classes map[string]Object `json:"classes"`
	// By name.
	Objects map[string]Object `json:"objects"`
	// The types of the attributes above, by name.
	Types map[string]Type `json:"types"`
}

// Object is a class or an object.
type Object struct {
	Name       string               `json:"name"`
	Attributes map[string]Attribute `json:"attributes"`
	// Allowed values and their captions, by attribute.
	Enums map[string]map[string]string `json:"enums,omitempty"`
	// Attributes of which one at least, or exactly one, must be there.
	AtLeastOne []string `json:"at_least_one,omitempty"`
	JustOne    []string `json:"just_one,omitempty"`
	// Of a class: the profiles that an event may name.
	Profiles []string `json:"profiles,omitempty"`
}

// Attribute is one attribute. In JSON it is words: the type first, then what applies of array, required, deprecated,
// sibling=NAME (the attribute that holds the caption of this one's value) and profile=NAME.
type Attribute struct {
	Type                        string
	Array, Required, Deprecated bool
	Sibling, Profile            string
}

// Type is a basic type. Kind is string, integer, float, boolean or json.
type Type struct {
	Kind   string  `json:"kind"`
	Regex  string  `json:"regex,omitempty"`
	MaxLen int     `json:"max_len,omitempty"`
	Range  []int64 `json:"range,omitempty"`
}

// MarshalText implements encoding.TextMarshaler.
func (a Attribute) MarshalText() ([]byte, error) {
	words := []string{a.Type}
	for _, w := range []struct {
		is   bool
		word string
	}{{a.Array, "array"}, {a.Required, "required"}, {a.Deprecated, "deprecated"},
		{a.Sibling != "", "sibling=" + a.Sibling}, {a.Profile != "", "profile=" + a.Profile}} {
		if w.is {
			words = append(words, w.word)
		}
	}
	return []byte(strings.Join(words, " ")), nil
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Attribute) UnmarshalText(text []byte) error {
	words := strings.Fields(string(text))
	if len(words) == 0 {
		return fmt.Errorf("attribute %q has no type", text)
	}
	*a = Attribute{Type: words[0]}
	for _, w := range words[1:] {
		name, value, _ := strings.Cut(w, "=")
		switch name {
		case "array":
			a.Array = true
		case "required":
			a.Required = true
		case "deprecated":
			a.Deprecated = true
		case "sibling":
			a.Sibling = value
		case "profile":
			a.Profile = value
		default:
			return fmt.Errorf("attribute %q: unknown word %q", text, w)
		}
	}
	return nil
}

// Load returns the rendering that comes with the package.
func Load() (*Schema, error) {
	s := &Schema{}
	if err := json.Unmarshal(rendering, s); err != nil {
		return nil, fmt.Errorf("reading the rendering of the schema: %w", err)
	}
	return s, nil
}
