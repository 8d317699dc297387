// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/activity/activitytest"
)

var monday = activitytest.Monday

// at is a time on monday in Unix milliseconds.
func at(d time.Duration) int64 { return monday.Add(d).UnixMilli() }

// batches gathers events into windows of ten seconds, in order.
func batches(events []*aerv1.Event) []*aerv1.Batch {
	open := map[int64]*activity.Accumulator{}
	for _, ev := range events {
		start := activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), activity.DefaultWindowMS)
		if open[start] == nil {
			open[start] = activity.NewAccumulator(activity.DefaultWindowMS)
		}
		open[start].Add(ev)
	}
	var out []*aerv1.Batch
	for _, acc := range open {
		out = append(out, acc.Batch())
	}
	slices.SortFunc(out, func(a, b *aerv1.Batch) int { return cmp.Compare(a.WindowEndMs, b.WindowEndMs) })
	return out
}

// event is one event of user U in organisation O, a while after monday noon.
func event(d time.Duration, action string, change ...func(*aerv1.Event)) *aerv1.Event {
	ev := &aerv1.Event{
		Id: fmt.Sprintf("e-%d-%s", d, action), Time: aerv1.Time(monday.Add(d)), OrgId: "O", UserId: "U",
		SessionId: "S1", Action: action,
		Client: laptop(),
	}
	for _, f := range change {
		f(ev)
	}
	return ev
}

func laptop() *aerv1.Client {
	return &aerv1.Client{Ip: "192.0.2.10", UserAgent: "Firefox", DeviceId: "D-laptop", Ja4: "t13d_f",
		Asn: 64500, Country: "DE",
		Facts: &aerv1.ClientFacts{Class: "browser", Family: "firefox", Version: "144.0", Os: "windows"}}
}

func stranger() *aerv1.Client {
	return &aerv1.Client{Ip: "198.51.100.9", UserAgent: "Chrome", DeviceId: "D-other", Ja4: "t13d_c",
		Asn: 64666, Country: "BR",
		Facts: &aerv1.ClientFacts{Class: "browser", Family: "chrome", Version: "141.0", Os: "linux"}}
}

func from(c *aerv1.Client) func(*aerv1.Event) { return func(ev *aerv1.Event) { ev.Client = c } }

func object(id string) func(*aerv1.Event) {
	return func(ev *aerv1.Event) { ev.Object = &aerv1.Object{Type: "file", Id: id} }
}

func method(name string) func(*aerv1.Event) {
	return func(ev *aerv1.Event) { ev.ApiMethod = name }
}

func session(id string) func(*aerv1.Event) { return func(ev *aerv1.Event) { ev.SessionId = id } }

// applied is the profile of U after events, applied in the order of their windows.
func applied(events ...*aerv1.Event) *Profile {
	p := New("O", "U")
	for _, b := range batches(events) {
		for _, s := range b.Slices {
			Apply(p, s)
		}
	}
	return p
}

// Chunks are the snapshot of a shard.
func Chunks(t testing.TB, sh *Shard) (chunks [][]byte) {
	t.Helper()
	err := sh.Snapshot(func(raw []byte) error {
		chunks = append(chunks, raw)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return chunks
}

// EqualShards says whether two shards have equal snapshots.
func EqualShards(t testing.TB, a, b *Shard) bool {
	t.Helper()
	return slices.EqualFunc(Chunks(t, a), Chunks(t, b), bytes.Equal)
}

// Profile is the profile of a person, or nil.
func (sh *Shard) Profile(org aerv1.OrgID, user aerv1.UserID) *Profile {
	return sh.table.find(aerv1.Principal{OrgID: org, UserID: user})
}

// AppProfile is the profile of an app that acts under a person's name, or nil.
func (sh *Shard) AppProfile(org aerv1.OrgID, user aerv1.UserID, app string) *Profile {
	return sh.table.find(aerv1.Principal{OrgID: org, UserID: user, ActorKind: aerv1.ActorApp, AppID: app})
}

// First are the first n profiles of a shard.
func First(sh *Shard, n int) []*Profile {
	list := slices.SortedFunc(sh.table.all(), compareOwners)
	return list[:min(len(list), n)]
}

// Packed is what the first chunk of a shard packs, and of how many profiles.
func Packed(t testing.TB, sh *Shard) ([]byte, uint32) {
	t.Helper()
	var st aerv1.ShardState
	if err := st.UnmarshalVT(Chunks(t, sh)[0]); err != nil {
		t.Fatal(err)
	}
	return st.Chunk.Packed, st.Chunk.Profiles
}

// Chunk is the only chunk of a snapshot.
func Chunk(t testing.TB, packed []byte, profiles uint32, appliedMS int64) []byte {
	t.Helper()
	e := newEncoder(appliedMS)
	e.Buf, e.profiles = packed, profiles
	raw, err := e.chunk(0, false)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
