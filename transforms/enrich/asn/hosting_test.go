// SPDX-License-Identifier: Apache-2.0

package asn

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestReadASNs(t *testing.T) {
	for name, c := range map[string]struct {
		content, wrong string
		bad            int
	}{
		"numbers":           {"64500\nAS64501\n", "", 0},
		"comments":          {"# ours\nAS64500 # a\n64501;b\n; c\n", "", 0},
		"carriage returns":  {"\xef\xbb\xbf64500\r\nas64501\r\n", "", 0},
		"CSV":               {"ASN,Entity\n64500,\"a, b\"\nAS64501,c\n", "", 0},
		"CSV, quoted":       {"\"name\",\"asn\"\n\"a # b\",\"64500\"\n\"c\",\"AS64501\"\n", "", 0},
		"CSV, no header":    {"64500,Example\n64501,Example\n", "", 0},
		"names behind":      {"AS64500 Example Hosting\nAS64501\tExample\n", "", 0},
		"an error in prose": {"503 Service Unavailable\n", ":1: ", 0},
		"a stray line":      {"64500\nThu\n64501\n", "", 1},
		"too much is wrong": {"64500\na\nb\nc\nd\n", `:2: "a" is not an AS number`, 0},
		"a web page":        {"<html>\n502\n", ":1: ", 0},
		"empty":             {"", "names no AS number", 0},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "list")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			got, p, err := readASNs(path)
			if c.wrong != "" {
				if err == nil || !strings.Contains(err.Error(), c.wrong) || !strings.Contains(err.Error(), path) {
					t.Errorf("error %v, want %q", err, c.wrong)
				}
				return
			}
			if asns := slices.Sorted(maps.Keys(got)); err != nil ||
				!slices.Equal(asns, []uint32{64500, 64501}) || p.Bad != c.bad {
				t.Errorf("%v, %d bad, error %v", asns, p.Bad, err)
			}
		})
	}
}
