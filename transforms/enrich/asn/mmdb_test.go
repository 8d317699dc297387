// SPDX-License-Identifier: Apache-2.0

package asn

import (
	"bytes"
	"encoding/binary"
	"math"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// writeMMDB writes a small database in the MaxMind DB format 2.0 (https://maxmind.github.io/MaxMind-DB/): IPv4
// prefixes, 32-bit records, data of maps, strings and unsigned numbers.
func writeMMDB(t testing.TB, databaseType string, networks map[string]map[string]any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), databaseType+".mmdb")
	if err := os.WriteFile(path, encodeMMDB(databaseType, networks), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTestdata keeps the file that other packages' tests use in step with the encoder; AER_UPDATE=1 writes it.
func TestTestdata(t *testing.T) {
	want := encodeMMDB("Test-Network", map[string]map[string]any{
		"192.0.2.0/24": {
			"autonomous_system_number": uint32(64500), "autonomous_system_organization": "Example Access",
			"country": map[string]any{"iso_code": "DE"},
		},
		"198.51.100.0/24": {
			"autonomous_system_number": uint32(64501), "autonomous_system_organization": "Example Web Hosting Ltd",
			"country": map[string]any{"iso_code": "NL"},
		},
	})
	path := filepath.Join("testdata", "network.mmdb")
	if os.Getenv("AER_UPDATE") != "" {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs from what the encoder writes: run the test with AER_UPDATE=1", path)
	}
}

func encodeMMDB(databaseType string, networks map[string]map[string]any) []byte {
	const none = math.MaxUint32
	nodes := [][2]uint32{{none, none}}
	var data []byte
	type leaf struct{ node, bit, offset int }
	var leaves []leaf
	prefixes := make([]string, 0, len(networks))
	for p := range networks {
		prefixes = append(prefixes, p)
	}
	slices.Sort(prefixes)
	for _, p := range prefixes {
		prefix := netip.MustParsePrefix(p)
		ip := prefix.Addr().As4()
		node := 0
		for i := range prefix.Bits() {
			bit := int(ip[i/8]>>(7-i%8)) & 1
			if i == prefix.Bits()-1 {
				leaves = append(leaves, leaf{node, bit, len(data)})
				break
			}
			if nodes[node][bit] == none {
				nodes = append(nodes, [2]uint32{none, none})
				nodes[node][bit] = uint32(len(nodes) - 1)
			}
			node = int(nodes[node][bit])
		}
		data = appendValue(data, networks[p])
	}
	count := uint32(len(nodes))
	for _, l := range leaves {
		nodes[l.node][l.bit] = count + 16 + uint32(l.offset)
	}
	var out []byte
	for _, n := range nodes {
		for _, r := range n {
			if r == none {
				r = count // not in the database
			}
			out = binary.BigEndian.AppendUint32(out, r)
		}
	}
	out = append(out, make([]byte, 16)...)
	out = append(out, data...)
	out = append(out, "\xab\xcd\xefMaxMind.com"...)
	return appendValue(out, map[string]any{
		"binary_format_major_version": uint16(2), "binary_format_minor_version": uint16(0),
		"build_epoch":   uint64(1_700_000_000),
		"database_type": databaseType, "ip_version": uint16(4), "node_count": count, "record_size": uint16(32),
		"description": map[string]any{"en": "test"}, "languages": []any{},
	})
}

// appendValue encodes v: a control byte with type and size, then the payload. Types over 7 take a second byte.
func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return append(appendControl(b, 2, len(v)), v...)
	case uint16:
		return appendUint(b, 5, uint64(v))
	case uint32:
		return appendUint(b, 6, uint64(v))
	case uint64:
		return appendUint(b, 9, v)
	case []any:
		b = appendControl(b, 11, len(v))
		for _, e := range v {
			b = appendValue(b, e)
		}
		return b
	case map[string]any:
		b = appendControl(b, 7, len(v))
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			b = appendValue(appendValue(b, k), v[k])
		}
		return b
	}
	panic("unsupported type")
}

func appendUint(b []byte, kind int, n uint64) []byte {
	full := binary.BigEndian.AppendUint64(nil, n)
	for len(full) > 0 && full[0] == 0 {
		full = full[1:]
	}
	return append(appendControl(b, kind, len(full)), full...)
}

func appendControl(b []byte, kind, size int) []byte {
	top, extra := kind, []byte(nil)
	if kind > 7 {
		top, extra = 0, []byte{byte(kind - 7)}
	}
	if size >= 29 {
		return append(append(append(b, byte(top<<5|29)), extra...), byte(size-29)) // sizes up to 284
	}
	return append(append(b, byte(top<<5|size)), extra...)
}
