// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Files that Write makes.
const (
	EventsFile    = "events.ndjson.gz"
	TruthFile     = "truth.ndjson"
	ExcludedFile  = "excluded.ndjson"
	TorFile       = "tor.tsv"
	SettingsFile  = "settings.yaml"
	DirectoryFile = "directory.yaml"
)

// file is one of those that Write makes.
type file struct {
	name  string
	write func(io.Writer) error
}

// Write writes the result as files into dir, which is made if it does not exist.
func (r *Result) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err // the error names the operation and the path
	}
	files := []file{
		{EventsFile, r.writeEvents}, {TruthFile, lines(r.Incidents)}, {TorFile, r.WriteTor},
		{SettingsFile, func(w io.Writer) error { _, err := w.Write(r.Settings); return err }},
		{DirectoryFile, r.WriteDirectory},
	}
	if len(r.Excluded) > 0 {
		files = append(files, file{ExcludedFile, lines(r.Excluded)})
	}
	for _, f := range files {
		if err := writeFile(filepath.Join(dir, f.name), f.write); err != nil {
			return fmt.Errorf("writing %s: %w", f.name, err)
		}
	}
	return nil
}

func writeFile(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 1<<16)
	return errors.Join(write(b), b.Flush(), f.Close())
}

func (r *Result) writeEvents(w io.Writer) error {
	z := gzip.NewWriter(w)
	for _, e := range r.Events {
		line, err := aerv1.MarshalJSONLine(e)
		if err != nil {
			return err
		}
		if _, err := z.Write(append(plainBytes(line), '\n')); err != nil {
			return err
		}
	}
	return z.Close()
}

// bytesField is how the JSON mapping of protobuf writes a 64-bit number; the native form has a number there.
var bytesField = regexp.MustCompile(`"bytes":"(\d+)"`)

func plainBytes(line []byte) []byte { return bytesField.ReplaceAll(line, []byte(`"bytes":$1`)) }

// lines writes rows as one JSON object a line.
func lines[T any](rows []T) func(io.Writer) error {
	return func(w io.Writer) error {
		e := json.NewEncoder(w)
		for i := range rows {
			if err := e.Encode(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

// WriteTor writes the Tor exits as lines of address, from and until in Unix seconds, separated by tabs.
func (r *Result) WriteTor(w io.Writer) error {
	for _, t := range r.Tor {
		if _, err := fmt.Fprintf(w, "%s\t%d\t%d\n", t.Address, t.From.Unix(), t.Until.Unix()); err != nil {
			return err
		}
	}
	return nil
}

// WriteDirectory writes the people of the organisations as YAML.
func (r *Result) WriteDirectory(w io.Writer) error {
	var b strings.Builder
	b.WriteString(
		"# Who works where: needed for notifications, exclusions by group, and to tell external people.\norgs:\n")
	for _, d := range r.Directories {
		fmt.Fprintf(&b, "  %s:\n    name: %s\n    domain: %s\n    people:\n", d.GetOrgId(),
			strconv.Quote(d.GetName()), d.GetDomain())
		for _, p := range d.GetPeople() {
			fmt.Fprintf(&b, "      - {user_id: %s, name: %s, type: %s", p.GetUserId(), strconv.Quote(p.GetName()), p.GetType())
			if p.GetEmail() != "" {
				fmt.Fprintf(&b, ", email: %s", p.GetEmail())
			}
			fmt.Fprintf(&b, ", language: %s", p.GetLanguage())
			list(&b, "groups", p.GetGroups())
			list(&b, "roles", p.GetRoles())
			b.WriteString("}\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func list(b *strings.Builder, key string, items []string) {
	if len(items) > 0 {
		fmt.Fprintf(b, ", %s: [%s]", key, strings.Join(items, ", "))
	}
}
