// SPDX-License-Identifier: Apache-2.0

// Package schemas holds what AER's data look like outside of Go: the proto sources, the SQL that makes baselines of
// activity, and the table definitions generated from them.
package schemas

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:generate go run ../cmd/schemagen

// Proto holds aer/v1/*.proto.
//
//go:embed aer/v1/*.proto
var Proto embed.FS

// SQL holds the templates sql/*.sql.tmpl; package sqlgen renders them.
//
//go:embed sql/*.sql.tmpl
var SQL embed.FS

// BigQuery holds bigquery/<table>.json (fields, as bq and Terraform take them) and bigquery/tables.json (partition,
// clustering and key of every table).
//
//go:embed bigquery/*.json
var BigQuery embed.FS

// Comments gives the comment above each message and field of the protos, as one paragraph, by full name
// ("aer.v1.Slice", "aer.v1.Slice.org_id"). Generated Go code does not keep them.
func Comments() (map[string]string, error) {
	names, err := fs.Glob(Proto, "aer/v1/*.proto")
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, name := range names {
		raw, err := Proto.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		readComments(string(raw), out)
	}
	return out, nil
}

// readComments understands the protos of this package, which buf keeps in one form: one declaration a line, comments
// above.
func readComments(src string, out map[string]string) {
	path := []string{"aer.v1"}
	var comment []string
	for line := range strings.Lines(src) {
		line = strings.TrimSpace(line)
		if text, ok := strings.CutPrefix(line, "//"); ok {
			comment = append(comment, strings.TrimSpace(text))
			continue
		}
		words := strings.Fields(line)
		switch {
		case len(words) >= 2 && (words[0] == "message" || words[0] == "enum" || words[0] == "oneof"):
			path = append(path, words[1])
			keep(out, path, comment)
		case line == "}":
			path = path[:max(1, len(path)-1)]
		default:
			if name := fieldName(line); name != "" {
				keep(out, append(path[:len(path):len(path)], name), comment)
			}
		}
		comment = nil
	}
}

func keep(out map[string]string, path, comment []string) {
	if len(comment) > 0 {
		out[strings.Join(path, ".")] = strings.Join(comment, " ")
	}
}

// fieldName gives "calls" for "repeated uint32 calls = 3;", and "STALE" for the enum value "STALE = 8;".
func fieldName(line string) string {
	left, _, ok := strings.Cut(line, "=")
	words := strings.Fields(left)
	if !ok || len(words) == 0 || words[0] == "option" {
		return ""
	}
	return words[len(words)-1]
}
