// SPDX-License-Identifier: Apache-2.0

package asn

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func geoLite(t testing.TB) string {
	return writeMMDB(t, "GeoLite2-ASN", map[string]map[string]any{
		"192.0.2.0/24": {"autonomous_system_number": uint32(64500), "autonomous_system_organization": "Example Access"},
		"198.51.100.0/24": {"autonomous_system_number": uint32(64501),
			"autonomous_system_organization": "Example Web Hosting Ltd"},
	})
}

func country(t testing.TB) string {
	return writeMMDB(t, "GeoLite2-Country", map[string]map[string]any{
		"192.0.2.0/24": {"country": map[string]any{"iso_code": "DE", "geoname_id": uint32(1)}},
	})
}

func ipinfo(t testing.TB) string {
	return writeMMDB(t, "ipinfo", map[string]map[string]any{
		"203.0.113.0/24": {"asn": "AS64502", "as_name": "OVHcloud", "country": "fr", "country_code": "FR"},
	})
}

func loaded(t testing.TB, c Config) *Resolver {
	t.Helper()
	r := NewResolver(c)
	if _, err := r.Load(); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestLookup(t *testing.T) {
	r := loaded(t, Config{Databases: []string{geoLite(t), country(t), ipinfo(t)}})
	for ip, want := range map[string]Network{
		"192.0.2.7":          {64500, "Example Access", "DE"},
		"::ffff:192.0.2.7":   {64500, "Example Access", "DE"},
		"198.51.100.1":       {64501, "Example Web Hosting Ltd", ""},
		"203.0.113.9":        {64502, "OVHcloud", "FR"},
		"10.0.0.1":           {},
		"2001:db8::1":        {},
		"fe80::1%eth0":       {},
		"::ffff:203.0.113.9": {64502, "OVHcloud", "FR"},
	} {
		if got := r.Lookup(netip.MustParseAddr(ip)); got != want {
			t.Errorf("Lookup(%s) = %+v, want %+v", ip, got, want)
		}
	}
	s := r.Status()
	if len(s.Databases) != 3 || s.Databases[0].Type != "GeoLite2-ASN" ||
		s.Databases[0].Built != time.Unix(1_700_000_000, 0).UTC() {
		t.Errorf("status %+v", s)
	}
}

func TestHosting(t *testing.T) {
	extra := filepath.Join(t.TempDir(), "hosting")
	if err := os.WriteFile(extra, []byte("# ours\nAS64510\n64511 # a comment\n\nas64512\n16509\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := loaded(t, Config{HostingFile: extra})
	for _, tt := range []struct {
		asn  uint32
		org  string
		want bool
	}{
		{16509, "", true}, {24940, "", true}, {14061, "", true}, {64510, "", true}, {64511, "", true}, {64512, "", true},
		{64500, "", false}, {0, "", false}, {3320, "Deutsche Telekom AG", false},
		{64500, "Example Web Hosting Ltd", true}, {64500, "Foo Data Center", true}, {64500, "ACME Datacenter B.V.", true},
		{64500, "OVHcloud", true}, {64500, "Bar VPS", true}, {64500, "Cloudflare, Inc.", false},
		{64500, "Cloudy Valley Telephone", false},
		{64500, "iCloud Relay", false}, {64500, "Dataport", false},
	} {
		if got := r.Hosting(tt.asn, tt.org); got != tt.want {
			t.Errorf("Hosting(%d, %q) = %v, want %v", tt.asn, tt.org, got, tt.want)
		}
	}
	if got := r.Status().HostingASNs; got != len(hosting)+3 {
		t.Errorf("%d hosting ASNs, want the built-in %d and 3 (one of the 4 is built in)", got, len(hosting))
	}
}

func TestLastGoodStays(t *testing.T) {
	dir := t.TempDir()
	db, extra := filepath.Join(dir, "asn.mmdb"), filepath.Join(dir, "hosting")
	copyFile(t, geoLite(t), db, 1)
	write(t, extra, "64500\n", 1)
	r := NewResolver(Config{Databases: []string{db}, HostingFile: extra})
	check := func(wantChanged bool, wantErr string) {
		t.Helper()
		changed, err := r.Load()
		if changed != wantChanged || (err == nil) != (wantErr == "") || err != nil &&
			!strings.Contains(err.Error(), wantErr) {
			t.Errorf("Load = %v, %v, want %v and an error with %q", changed, err, wantChanged, wantErr)
		}
		if got := r.Lookup(netip.MustParseAddr("192.0.2.7")); got.ASN != 64500 || !r.Hosting(64500, "") {
			t.Errorf("the last good content is gone: %+v", got)
		}
	}
	check(true, "")
	check(false, "")
	write(t, db, "not a database", 2)
	check(false, db)
	copyFile(t, geoLite(t), db, 3)
	write(t, extra, "64500\nfoo\nfoo\nfoo\nfoo\n", 3)
	check(false, extra+`:2: "foo" is not an AS number`)
	if err := os.Remove(extra); err != nil {
		t.Fatal(err)
	}
	check(false, "no such file")
	write(t, extra, "64500\n64501\n", 4)
	stamp := r.Stamp()
	check(true, "")
	if r.Stamp() == stamp {
		t.Error("the stamp did not change with the files")
	}
}

func TestMissingFiles(t *testing.T) {
	for _, c := range []Config{{Databases: []string{"/nonexistent/a.mmdb"}}, {HostingFile: "/nonexistent/hosting"}} {
		if _, err := NewResolver(c).Load(); err == nil || !strings.Contains(err.Error(), "/nonexistent/") {
			t.Errorf("%+v: %v, want an error that names the file", c, err)
		}
	}
}

func TestParseASN(t *testing.T) {
	for text, want := range map[string]uint32{"1": 1, "AS64500": 64500, "as64500": 64500, "4294967295": 4294967295} {
		if got, err := parseASN(text); err != nil || got != want {
			t.Errorf("parseASN(%q) = %d, %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "0", "AS", "-1", "4294967296", "AS 1", strings.Repeat("9", 100)} {
		if got, err := parseASN(text); err == nil {
			t.Errorf("parseASN(%q) = %d, want an error", text, got)
		}
	}
}

func write(t *testing.T, path, content string, mtime int64) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, time.Unix(mtime, 0), time.Unix(mtime, 0)); err != nil {
		t.Fatal(err)
	}
}

func copyFile(t *testing.T, from, to string, mtime int64) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	write(t, to, string(content), mtime)
}
