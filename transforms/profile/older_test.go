// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestStoredShardsAreRead: the shard in testdata/state/profiles is the same in every schema, and what this program
// writes of it is what is there. Whoever changes the layout makes a new schema.
func TestStoredShardsAreRead(t *testing.T) {
	older, err := LoadShard([][]byte{golden(t, "schema-2")})
	if err != nil {
		t.Fatal(err)
	}
	stored := golden(t, "schema-3")
	sh, err := LoadShard([][]byte{stored})
	if err != nil {
		t.Fatal(err)
	}
	// The seat that a client was last seen from is what schema 2 did not say.
	if diff := cmp.Diff(First(older, older.Len()), First(sh, sh.Len()), sameProfile,
		cmpopts.IgnoreFields(SessionClient{}, "Seat")); sh.Len() != 14 || diff != "" {
		t.Errorf("%d profiles, which differ from those of schema 2:\n%s", sh.Len(), diff)
	}
	if got := Chunks(t, sh); len(got) != 1 || !bytes.Equal(got[0], stored) {
		t.Error("the layout has changed under the number of its schema")
	}
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "testdata", "state", "profiles", name))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// message is the profile as schema 2 stored it.
func (p *Profile) message() *aerv1.Profile {
	m := &aerv1.Profile{
		Schema: 2, OrgId: p.OrgID, UserId: p.UserID, UserType: p.UserType, FirstMs: p.FirstMS, LastMs: p.LastMS,
		ActiveDays: p.ActiveDays, RecentDays: p.RecentDays, AppId: p.AppID, ActorKind: p.ActorKind, Attempts: p.Attempts,
		Clients: p.thingMessages(Clients), Devices: p.thingMessages(Devices), Networks: p.thingMessages(Networks),
		Places: p.thingMessages(Places), Countries: p.thingMessages(Countries),
		Fingerprints: p.thingMessages(Fingerprints), Methods: p.thingMessages(Methods),
		Downloads: p.Downloads.message(), Reads: p.Reads.message(),
	}
	for i := range p.Sessions {
		m.Sessions = append(m.Sessions, p.Sessions[i].message())
	}
	for _, b := range p.Minutes {
		m.Minutes = append(m.Minutes, &aerv1.Bucket{Index: b.Index, CallsInteractive: b.Calls})
	}
	for _, r := range p.Recent {
		m.RecentMethods = append(m.RecentMethods, &aerv1.MethodBucket{Index: r.Stretch, Method: r.Method, Calls: r.Calls})
	}
	for metric := range MetricCount {
		if list := p.Peaks(metric); len(list) > 0 {
			k := &aerv1.Peaks{Metric: metric.String()}
			for _, x := range list {
				k.Days, k.Values = append(k.Days, x.Day), append(k.Values, float64(x.Value))
			}
			m.Peaks = append(m.Peaks, k)
		}
	}
	return m
}

func (p *Profile) thingMessages(kind Kind) (out []*aerv1.KnownThing) {
	for _, k := range p.Things(kind) {
		out = append(out, &aerv1.KnownThing{Key: k.Key, FirstMs: k.FirstMS, LastMs: k.LastMS, Days: k.Days,
			Events: k.Events})
	}
	return out
}

func (o *Objects) message() *aerv1.ObjectMemory {
	if len(o.list) == 0 {
		return nil
	}
	m := &aerv1.ObjectMemory{}
	for _, x := range o.list {
		m.Hashes, m.FirstS, m.LastS = append(m.Hashes, x.Hash), append(m.FirstS, x.FirstS), append(m.LastS, x.LastS)
	}
	return m
}

func (s *Session) message() *aerv1.SessionProfile {
	m := &aerv1.SessionProfile{
		Id: s.ID, FirstMs: s.FirstMS, LastMs: s.LastMS, Bound: s.Bound, Binding: s.Binding.String(), BoundMs: s.BoundMS,
		CookieMs: s.CookieMS, CookieSeenMs: s.CookieSeenMS,
	}
	for _, c := range s.Clients {
		m.Clients = append(m.Clients, &aerv1.SessionClient{Client: c.Client, FirstMs: c.FirstMS, LastMs: c.LastMS,
			Events: c.Events, Login: c.Login, FirstEventId: c.FirstEventID})
	}
	for _, v := range s.Sightings {
		m.Sightings = append(m.Sightings, &aerv1.Sighting{TimeMs: v.TimeMS, Client: v.Hash, Country: v.Country, Ip: v.IP,
			Hosting: v.Hosting})
	}
	return m
}

func TestOlderProfilesThatAreDamagedAreRefused(t *testing.T) {
	good := func() *aerv1.Profile {
		return applied(event(0, "file_downloaded", object("F1")), event(time.Second, "file_viewed", object("F2"))).message()
	}
	for _, c := range []struct {
		name, want string
		spoil      func(p *aerv1.Profile)
	}{
		{"a newer schema", "schema 4, and this program knows 1 to 3: run the version of aer that wrote it or a later one",
			func(p *aerv1.Profile) { p.Schema = 4 }},
		{"no schema", "schema 0", func(p *aerv1.Profile) { p.Schema = 0 }},
		{"lost times", "1 objects with 0 first and 1 last times", func(p *aerv1.Profile) { p.Reads.FirstS = nil }},
		{"lost days", "0 days of new_downloads_15m with 1 values", func(p *aerv1.Profile) { p.Peaks[0].Days = nil }},
	} {
		p := good()
		c.spoil(p)
		raw, err := (&aerv1.ShardState{Profiles: []*aerv1.Profile{p}}).MarshalVT()
		if err != nil {
			t.Fatal(err)
		}
		if _, err = LoadShard([][]byte{raw}); err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), `"U"`) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
	}
	if _, err := LoadShard([][]byte{[]byte("no snapshot")}); err == nil {
		t.Error("bytes that are no snapshot must be refused")
	}
	if sh, err := LoadShard(nil); err != nil || sh.Len() != 0 {
		t.Errorf("no bytes are an empty shard, got %v", err)
	}
}

// OlderSnapshot is a shard as schema 2 stored it.
func OlderSnapshot(t testing.TB, sh *Shard) []byte {
	t.Helper()
	st := &aerv1.ShardState{AppliedMs: sh.appliedMS}
	for _, p := range slices.SortedFunc(sh.table.all(), compareOwners) {
		st.Profiles = append(st.Profiles, p.message())
	}
	raw, err := st.MarshalVT()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
