// SPDX-License-Identifier: Apache-2.0

package enrich

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/tor"
)

var noon = time.Date(2022, 5, 1, 12, 0, 0, 0, time.UTC)

const chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) " +
	"Chrome/120.0.6099.71 Safari/537.36"

func writeFile(t testing.TB, path, content string, mtime time.Time) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(path, mtime, mtime); err != nil {
		t.Fatal(err)
	}
	return path
}

func newEnricher(t testing.TB, change func(*Config)) *Enricher {
	t.Helper()
	c := DefaultConfig()
	if change != nil {
		change(&c)
	}
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// withHistory lists 192.0.2.1 from noon for ten hours, and another address much later.
func withHistory(t testing.TB) func(*Config) {
	content := fmt.Sprintf("192.0.2.1\t%d\t%d\n203.0.113.1\t%d\t%d\n",
		noon.Unix(), noon.Add(10*time.Hour).Unix(), noon.Add(1000*time.Hour).Unix(), noon.Add(1001*time.Hour).Unix())
	path := writeFile(t, filepath.Join(t.TempDir(), "exits.tsv"), content, noon)
	return func(c *Config) { c.Tor = []tor.Source{{Path: path}} }
}

func event(at time.Time, client *aerv1.Client) *aerv1.Event {
	return &aerv1.Event{Id: "e-1", Time: aerv1.Time(at), OrgId: "O1", UserId: "U1", Action: "api_call", Client: client}
}

func TestEnrich(t *testing.T) {
	e := newEnricher(t, withHistory(t))
	browser := aerv1.ClientFacts{Class: aerv1.ClassBrowser, Family: "chrome", Version: "120.0.6099", Os: "windows",
		Device: "desktop"}
	facts := func(change func(*aerv1.ClientFacts)) *aerv1.ClientFacts {
		f := &aerv1.ClientFacts{Class: browser.Class, Family: browser.Family, Version: browser.Version, Os: browser.Os,
			Device: browser.Device}
		if change != nil {
			change(f)
		}
		return f
	}
	exit := func(f *aerv1.ClientFacts) { f.Tor, f.TorListedUntil = true, aerv1.Time(noon.Add(10*time.Hour)) }
	for _, tt := range []struct {
		name   string
		hours  float64
		client *aerv1.Client
		want   *aerv1.ClientFacts
	}{
		{"browser", 1, &aerv1.Client{Ip: "198.51.100.1", UserAgent: chrome}, facts(nil)},
		{"Tor exit", 1, &aerv1.Client{Ip: "192.0.2.1", UserAgent: chrome}, facts(exit)},
		{"Tor exit as IPv4 in IPv6", 1, &aerv1.Client{Ip: "::ffff:192.0.2.1", UserAgent: chrome}, facts(exit)},
		{"former exit", 14, &aerv1.Client{Ip: "192.0.2.1", UserAgent: chrome}, facts(nil)},
		{"not yet an exit", 14, &aerv1.Client{Ip: "203.0.113.1", UserAgent: chrome}, facts(nil)},
		{"after the list ends", 1010, &aerv1.Client{Ip: "192.0.2.1", UserAgent: chrome},
			facts(func(f *aerv1.ClientFacts) { f.TorStale = true })},
		{"hosting by the event's ASN", 1, &aerv1.Client{Ip: "198.51.100.1", UserAgent: chrome, Asn: 16509},
			facts(func(f *aerv1.ClientFacts) { f.Hosting = true })},
		{"no address", 1, &aerv1.Client{Ip: "1.23.45.678", UserAgent: chrome, Asn: 16509},
			facts(func(f *aerv1.ClientFacts) { f.Hosting = true })},
		{"facts of the input are not believed", 1, &aerv1.Client{Ip: "198.51.100.1", UserAgent: chrome,
			Facts: &aerv1.ClientFacts{Tor: true, Class: "official"}}, facts(nil)},
		{"OS by platform", 1, &aerv1.Client{UserAgent: "curl/8.4.0", Platform: "macOS"},
			&aerv1.ClientFacts{Class: aerv1.ClassLibrary, Family: "curl", Version: "8.4.0", Os: "macos"}},
		{"nothing known", 1, &aerv1.Client{}, &aerv1.ClientFacts{Class: aerv1.ClassEmpty}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ev := event(noon.Add(time.Duration(tt.hours*float64(time.Hour))), tt.client)
			for range 2 { // the second time from the caches
				e.Enrich(ev)
				if diff := cmp.Diff(tt.want, ev.Client.Facts, protocmp.Transform()); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
	if got := e.Status(noon).TorUnknown; got != 2 {
		t.Errorf("%d events that no list could judge, want 2", got)
	}
}

func TestEnrichIncompleteEvents(t *testing.T) {
	e := newEnricher(t, withHistory(t))
	e.Enrich(nil)
	bare := &aerv1.Event{Id: "e"}
	e.Enrich(bare)
	if bare.Client != nil {
		t.Error("an event without a client got one")
	}
	timeless := &aerv1.Event{Client: &aerv1.Client{Ip: "192.0.2.1"}}
	e.Enrich(timeless)
	if timeless.Client.Facts.Tor {
		t.Error("an event without a time was judged by time")
	}
}

// What comes with the event wins over the database; the name of the database's organisation counts for its own AS only.
func TestEnrichNetwork(t *testing.T) {
	e := newEnricher(t, func(c *Config) {
		c.Network.Databases = []string{filepath.Join("asn", "testdata", "network.mmdb")}
	})
	for _, tt := range []struct {
		name        string
		client      *aerv1.Client
		wantASN     uint32
		wantCountry string
		wantHosting bool
	}{
		{"filled in", &aerv1.Client{Ip: "192.0.2.1"}, 64500, "DE", false},
		{"hosting by name", &aerv1.Client{Ip: "198.51.100.1"}, 64501, "NL", true},
		{"same AS", &aerv1.Client{Ip: "198.51.100.1", Asn: 64501}, 64501, "NL", true},
		{"own AS", &aerv1.Client{Ip: "198.51.100.1", Asn: 64999}, 64999, "NL", false},
		{"own AS is a hoster", &aerv1.Client{Ip: "192.0.2.1", Asn: 24940}, 24940, "DE", true},
		{"own country", &aerv1.Client{Ip: "192.0.2.1", Country: "FR"}, 64500, "FR", false},
		{"not in the database", &aerv1.Client{Ip: "10.0.0.1"}, 0, "", false},
		{"no address", &aerv1.Client{Ip: "x"}, 0, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ev := event(noon, tt.client)
			for range 2 {
				e.Enrich(ev)
				c := ev.Client
				if c.Asn != tt.wantASN || c.Country != tt.wantCountry || c.Facts.Hosting != tt.wantHosting {
					t.Errorf("asn %d, country %q, hosting %v, want %+v", c.Asn, c.Country, c.Facts.Hosting, tt)
				}
			}
		})
	}
	if s := e.Status(noon); s.CachedNetworks == 0 || len(s.Network.Databases) != 1 {
		t.Errorf("status %+v", s)
	}
}

func TestOneFreshListIsEnough(t *testing.T) {
	history := withHistory(t)
	bulk := writeFile(t, filepath.Join(t.TempDir(), "bulk"), "192.0.2.2\n", noon)
	e := newEnricher(t, func(c *Config) {
		history(c)
		c.Tor = append(c.Tor, tor.Source{Path: bulk, Format: tor.FormatBulk})
	})
	ev := event(noon.Add(100*time.Hour), &aerv1.Client{Ip: "192.0.2.2"})
	e.Enrich(ev)
	if f := ev.Client.Facts; !f.Tor || f.TorStale {
		t.Errorf("facts %v, want a Tor exit that is not stale: the history covers that time", f)
	}
	late := event(noon.Add(5000*time.Hour), &aerv1.Client{Ip: "192.0.2.2"})
	e.Enrich(late)
	if f := late.Client.Facts; !f.Tor || !f.TorStale {
		t.Errorf("facts %v, want a Tor exit that is stale", f)
	}
}

func TestNoListsMeansNoTor(t *testing.T) {
	e := newEnricher(t, nil)
	ev := event(noon, &aerv1.Client{Ip: "192.0.2.1"})
	e.Enrich(ev)
	if ev.Client.Facts.Tor || ev.Client.Facts.TorStale || e.Status(noon).TorStale {
		t.Error("Tor was judged, or an alarm raised, without a list configured")
	}
}

// Facts of clients seen before are those of clients never seen, and shared by all of one kind. Only so many are kept.
func TestFactsAreRemembered(t *testing.T) {
	e := newEnricher(t, func(c *Config) { c.CacheEntries = 64 })
	facts := func(agent, platform string, asn uint32) *aerv1.ClientFacts {
		ev := event(noon, &aerv1.Client{Ip: "198.51.100.1", UserAgent: agent, Platform: platform, Asn: asn})
		e.Enrich(ev)
		return ev.Client.Facts
	}
	for i := range 5000 {
		agent, asn := fmt.Sprintf("program-%d/1.0", i%100), []uint32{3320, 24940}[i/100%2]
		platform := []string{"", "macos", "Android"}[i%3]
		want := &aerv1.ClientFacts{Class: aerv1.ClassOther, Family: fmt.Sprintf("program-%d", i%100), Version: "1.0",
			Os: strings.ToLower(platform), Hosting: asn == 24940}
		got := facts(agent, platform, asn)
		if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
			t.Fatal(diff)
		}
		if again := facts(agent, platform, asn); again != got {
			t.Fatal("two of a kind have facts of their own")
		}
	}
	if n := e.Status(noon).CachedClients; n > 65 {
		t.Errorf("%d kinds of clients are remembered, at most 64 are wanted", n)
	}
}

func TestWhoWasSeenBeforeTakesNoMemory(t *testing.T) {
	e := newEnricher(t, withHistory(t))
	ev := event(noon, &aerv1.Client{Ip: "198.51.100.1", UserAgent: chrome, Asn: 3320})
	if n := testing.AllocsPerRun(100, func() { e.Enrich(ev) }); n != 0 {
		t.Errorf("%.0f allocations", n)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the defaults are wrong: %v", err)
	}
	for key, change := range map[string]func(*Config){
		"tor[0].path":                func(c *Config) { c.Tor = []tor.Source{{}} },
		"tor[0].format":              func(c *Config) { c.Tor = []tor.Source{{Path: "x", Format: "xml"}} },
		"tor_grace":                  func(c *Config) { c.TorGrace = 0 },
		"tor_stale_after":            func(c *Config) { c.TorStaleAfter = time.Minute },
		"refresh_every":              func(c *Config) { c.RefreshEvery = 0 },
		"refresh_jitter":             func(c *Config) { c.RefreshJitter = 1.1 },
		"retry_every":                func(c *Config) { c.RetryEvery = 2 * time.Hour },
		"cache_entries":              func(c *Config) { c.CacheEntries = -1 },
		"network.databases[0]: must": func(c *Config) { c.Network.Databases = []string{""} },
	} {
		c := DefaultConfig()
		change(&c)
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("error %v, want one with %q", err, key)
		}
	}
}

func BenchmarkEnrich(b *testing.B) {
	e := newEnricher(b, withHistory(b))
	for _, bb := range []struct{ name, ip string }{{"usual", "198.51.100.1"}, {"tor", "192.0.2.1"}} {
		b.Run(bb.name, func(b *testing.B) {
			ev := event(noon, &aerv1.Client{Ip: bb.ip, UserAgent: chrome, Asn: 3320})
			b.ReportAllocs()
			for b.Loop() {
				e.Enrich(ev)
			}
		})
	}
}
