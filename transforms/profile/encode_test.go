// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity/activitytest"
	"github.com/aer-project/aer/transforms/packed"
)

// sameProfile compares all of two profiles.
var sameProfile = cmp.Options{
	cmp.Exporter(func(t reflect.Type) bool { return t.PkgPath() == reflect.TypeFor[Profile]().PkgPath() }),
	protocmp.Transform(), cmpopts.EquateEmpty(),
}

// survives checks that the profiles are the same after they were stored, and stored again have the same bytes.
func survives(t *rapid.T, sh *Shard) {
	chunks := shardChunks(t, sh)
	again, err := LoadShard(chunks)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(First(sh, sh.Len()), First(again, again.Len()), sameProfile); diff != "" || sh.appliedMS != again.appliedMS {
		t.Fatalf("profiles do not survive (-before +after):\n%s", diff)
	}
	if !slices.EqualFunc(chunks, shardChunks(t, again), bytes.Equal) {
		t.Fatal("the same profiles have other bytes")
	}
}

func shardChunks(t *rapid.T, sh *Shard) (chunks [][]byte) {
	if err := sh.Snapshot(func(raw []byte) error { chunks = append(chunks, raw); return nil }); err != nil {
		t.Fatal(err)
	}
	return chunks
}

func TestProfilesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sh := NewShard()
		for _, b := range batches(activitytest.Stream{
			Seed: rapid.Uint64Range(0, 1000).Draw(t, "seed"), Events: rapid.IntRange(0, 300).Draw(t, "events"), Users: 5,
			Span:   rapid.SampledFrom([]time.Duration{time.Minute, 6 * time.Hour, 20 * day}).Draw(t, "span"),
			Actors: rapid.Bool().Draw(t, "actors"),
		}.Make()) {
			sh.Apply(b, nil)
		}
		survives(t, sh)
	})
}

// TestAnyProfileSurvives, also one that no stream makes: of odd times, texts and numbers.
func TestAnyProfileSurvives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sh := NewShard()
		sh.appliedMS = someTime(t)
		for range rapid.IntRange(0, 4).Draw(t, "profiles") {
			p := someProfile(t)
			sh.table.put(p)
		}
		survives(t, sh)
	})
}

func someProfile(t *rapid.T) *Profile {
	n := func(label string) int { return rapid.IntRange(0, 3).Draw(t, label) }
	p := &Profile{
		OrgID: someText(t), UserID: someText(t), UserType: someText(t), FirstMS: someTime(t), LastMS: someTime(t),
		RecentDays: rapid.Uint64().Draw(t, "days"), ActiveDays: someNumber(t),
	}
	if rapid.Bool().Draw(t, "app") {
		p.ActorKind, p.AppID = aerv1.ActorApp, someText(t)
	}
	for range n("sessions") {
		p.Sessions = append(p.Sessions, someSession(t))
	}
	for kind := range kinds {
		for range n("things") {
			p.things.add(kind, Thing{Key: someText(t), FirstMS: someTime(t), LastMS: someTime(t), Days: someNumber(t),
				Events: someNumber(t)})
		}
	}
	p.Downloads, p.Reads = someObjects(t), someObjects(t)
	for m := range MetricCount {
		for i := range n("peaks") {
			from, _ := p.peaks.bounds(m)
			p.peaks.insert(m, from+i, Peak{someNumber(t), someNumber(t)})
		}
	}
	for range n("calls") {
		p.Minutes = append(p.Minutes, Minute{someNumber(t), someNumber(t)})
		p.Recent = append(p.Recent, MethodCalls{someText(t), someNumber(t), someNumber(t)})
	}
	for range n("attempts") {
		p.Attempts = append(p.Attempts, &aerv1.AttemptHour{Hour: someNumber(t), Count: someNumber(t), Tor: someNumber(t),
			Places: []string{someText(t), someText(t)}})
	}
	return p
}

func someSession(t *rapid.T) Session {
	s := Session{
		ID: someText(t), FirstMS: someTime(t), LastMS: someTime(t), BoundMS: someTime(t), CookieMS: someTime(t),
		CookieSeenMS: someTime(t), Binding: Binding(rapid.IntRange(0, int(BoundByLogin)).Draw(t, "binding")),
	}
	for range rapid.IntRange(0, 3).Draw(t, "clients") {
		c, seat := someClient(t), Seat{}
		if rapid.Bool().Draw(t, "elsewhere") {
			seat = seatOf(someClient(t))
		} else {
			seat = seatOf(c)
		}
		s.Clients = append(s.Clients, SessionClient{Client: c, Seat: &seat, FirstMS: someTime(t),
			LastMS: someTime(t), FirstEventID: someText(t), Events: someNumber(t), Login: rapid.Bool().Draw(t, "login")})
		if s.Bound == nil {
			s.Bound = c
		}
	}
	for range rapid.IntRange(0, 3).Draw(t, "sightings") {
		seat := seatOf(someClient(t))
		s.Sightings = append(s.Sightings, Sighting{someTime(t), &seat})
	}
	return s
}

func someClient(t *rapid.T) *aerv1.FacetClient {
	if rapid.IntRange(0, 9).Draw(t, "client") == 0 {
		return nil
	}
	return &aerv1.FacetClient{Ip: someText(t), UserAgent: someText(t), DeviceId: someText(t), Ja4: someText(t),
		Asn: someNumber(t), Country: someText(t), Class: someText(t), Family: someText(t), Version: someText(t),
		Os: someText(t), Hosting: rapid.Bool().Draw(t, "hosting")}
}

func someObjects(t *rapid.T) Objects {
	list := make([]Object, rapid.IntRange(0, 3).Draw(t, "objects"))
	for i := range list {
		list[i] = Object{rapid.Uint64().Draw(t, "hash"), someNumber(t), someNumber(t)}
	}
	if len(list) == 0 {
		return Objects{}
	}
	return objectsOf(list)
}

func someTime(t *rapid.T) int64 {
	return rapid.OneOf(rapid.Just(int64(0)), rapid.Int64(), rapid.Int64Range(0, 4e9), rapid.Map(rapid.Int64Range(0, 4e9),
		func(s int64) int64 { return 1000 * s })).Draw(t, "time")
}

func someNumber(t *rapid.T) uint32 {
	return rapid.OneOf(rapid.Uint32Range(0, 3), rapid.Uint32()).Draw(t, "number")
}

func someText(t *rapid.T) string { return texts.Draw(t, "text") }

// texts are of every form, and some that are nearly of one.
var texts = rapid.OneOf(
	rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-fA]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
	rapid.StringMatching(`(AS)?[0-9]{0,21}`), rapid.StringMatching(`[0-9a-f]{0,70}`),
	rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){3}(/24|/48)?`), rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){2}\.0/24`),
	rapid.StringMatching(`([0-9a-f]{0,4}:){1,8}[0-9a-f]{0,4}(/48)?`), rapid.String(),
	rapid.StringMatching(`[a-c]? ?[a-c]? ?([a-c]{1,2} ?){0,3}`),
	rapid.SampledFrom([]string{"", "1.2.3.4", "01.2.3.4", "1.2.3.0/24", "1.2.3.4/24", "::1", "::/48", "2001:db8:1::/48",
		"2001:db8::1%eth0", "::ffff:1.2.3.4", "::ffff:0:0/48", "AS", "AS0", "AS01", "D", "E", "F", strings.Repeat("a b c ", 50)}),
)

func TestTextsSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := textWriter{shared: map[string]uint32{}}
		list := rapid.SliceOf(texts).Draw(t, "texts")
		for _, s := range list {
			w.text(s)
			w.ownText(s)
			w.sharedText(s)
			w.words(s)
		}
		r := textReader{Reader: packed.Reader{Rest: w.Buf}}
		for _, s := range list {
			if got := [...]string{r.text(), r.ownText(), r.sharedText(), r.text()}; got != [...]string{s, s, s, s} || r.Bad {
				t.Fatalf("%q became %q", s, got)
			}
		}
		if len(r.Rest) > 0 {
			t.Fatalf("%d bytes are left over", len(r.Rest))
		}
	})
}

// TestFormsAreShort: what has a form is written in it.
func TestFormsAreShort(t *testing.T) {
	for text, most := range map[string]int{
		"": 1, "18446744073709551615": 21, "9399690491821": 8, "83248059-aac6-cbcb-611d-8f167b5d2950": 17, "92.249.0.35": 5,
		"2001:db8::1": 17, "92.249.0.0/24": 4, "2001:db8:1::/48": 7, "AS64500": 4, "ec6e4f9bb14b4331": 10,
	} {
		var w textWriter
		if w.text(text); len(w.Buf) > most {
			t.Errorf("%q takes %d bytes, want at most %d", text, len(w.Buf), most)
		}
	}
}

// TestEveryMetricIsStored under a number of its own.
func TestEveryMetricIsStored(t *testing.T) {
	if got := slices.Sorted(slices.Values(storedMetrics[:])); len(slices.Compact(got)) != int(MetricCount) {
		t.Errorf("%d of %d metrics are stored", len(slices.Compact(got)), MetricCount)
	}
}

// crowd is a shard of so many users.
func crowd(users int) *Shard {
	sh := NewShard()
	for _, b := range batches(activitytest.Stream{Seed: 1, Events: 2 * users, Users: users, Span: time.Hour}.Make()) {
		sh.Apply(b, nil)
	}
	return sh
}

func TestSnapshotsAreInChunks(t *testing.T) {
	sh := crowd(2000)
	chunks := Chunks(t, sh)
	if len(chunks) < 2 {
		t.Fatalf("%d chunks", len(chunks))
	}
	for i, raw := range chunks {
		if len(raw) > chunkBytes+4<<10 {
			t.Errorf("chunk %d has %d bytes", i, len(raw))
		}
	}
	n := len(chunks)
	for want, wrong := range map[string][][]byte{
		fmt.Sprintf("chunks are missing behind the %d that there are", n-1):                 chunks[:n-1],
		fmt.Sprintf("chunk 1 of the %d of a shard: it is the chunk 2 of its snapshot", n-1): chunks[1:],
		"chunk 3 of the 3 of a shard: it is the chunk 2 of its snapshot":                    {chunks[0], chunks[1], chunks[1]},
	} {
		if _, err := LoadShard(wrong); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	again, err := LoadShard(chunks)
	if err != nil || !EqualShards(t, sh, again) {
		t.Errorf("the shard differs, %v", err)
	}
}

// TestDamageIsNoticed wherever it is, and what it is said to be.
func TestDamageIsNoticed(t *testing.T) {
	raw := Chunks(t, crowd(2))[0]
	for i := range raw {
		damaged := slices.Clone(raw)
		damaged[i] ^= 0x10
		if _, err := LoadShard([][]byte{damaged}); err == nil {
			t.Errorf("byte %d of %d was changed, and nobody noticed", i, len(raw))
		}
		if _, err := LoadShard([][]byte{raw[:i]}); err == nil && i > 0 {
			t.Errorf("%d of %d bytes were taken for a snapshot", i, len(raw))
		}
	}
}

// TestDamageTakesLittleMemory: a number that claims more than there is does not make room for it.
func TestDamageTakesLittleMemory(t *testing.T) {
	packed, profiles := Packed(t, crowd(2))
	rest := make([]byte, 16<<10)
	for i := range packed {
		for _, claim := range []uint64{uint64(len(rest)), 1 << 20, 1 << 40} {
			damaged := append(binary.AppendUvarint(slices.Clone(packed[:i]), claim), rest...)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			raw := Chunk(t, damaged, profiles, 0)
			_, _ = LoadShard([][]byte{raw})
			runtime.ReadMemStats(&after)
			if got := after.TotalAlloc - before.TotalAlloc; got > 100*uint64(len(raw)) {
				t.Fatalf("%d bytes with a claim of %d at %d took %d bytes of memory", len(raw), claim, i, got)
			}
		}
	}
}

func TestEmptyShardsSurvive(t *testing.T) {
	sh := NewShard()
	sh.appliedMS = math.MaxInt64
	again, err := LoadShard(Chunks(t, sh))
	if err != nil || again.Len() != 0 || again.appliedMS != sh.appliedMS {
		t.Errorf("%v, %v", again, err)
	}
}
