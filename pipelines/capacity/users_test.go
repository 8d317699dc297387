// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/detector"
)

// Bounds of TestManyUsers.
const (
	// heapPerUserMax is what a user with two events may take in memory, in the mean, with all around: 1.6 KB when this
	// was written, of the 3 KB that are the aim for users who come every day.
	heapPerUserMax = 2 << 10
	// balanceMax is how much more than the mean the fullest shard may hold.
	balanceMax = 1.2
)

// people are users of organisations: half of them of one organisation, the rest of small ones.
type people struct {
	users, events int
	// rank draws the user of an event that is nobody's first: few do much, most little (Zipf).
	rank *rand.Zipf
	r    *rand.Rand
}

func newPeople(users int) *people {
	r := rand.New(rand.NewPCG(1, uint64(users)))
	return &people{users: users, events: 2 * users, r: r, rank: rand.NewZipf(r, 1.05, 50, uint64(users-1))}
}

func userID(i int) aerv1.UserID { return aerv1.UserID(fmt.Sprintf("U%07d", i)) }

// org is the organisation of a user: the first half is in one, the rest in ones of 50.
func (p *people) org(user int) string {
	if user < p.users/2 {
		return "big"
	}
	return fmt.Sprintf("O%06d", user/50)
}

var firstMoment = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// event is event i, in order of time, over an hour. Every other event is a user's first, in turn.
func (p *people) event(i int) *aerv1.Event {
	user := i / 2
	if i%2 == 1 {
		user = int(p.rank.Uint64())
	}
	at := firstMoment.Add(time.Duration(float64(i) / float64(p.events) * float64(time.Hour)))
	ev := &aerv1.Event{
		Id: fmt.Sprintf("%08x-aer0-4000-8000-%012x", i, i), Time: aerv1.Time(at), OrgId: p.org(user), UserId: string(userID(user)),
		SessionId: fmt.Sprintf("S%07d", user), UserType: "member", Outcome: "ok", ActorKind: aerv1.ActorSignedIn,
		Client: &aerv1.Client{
			Ip: fmt.Sprintf("10.%d.%d.%d", user>>16&255, user>>8&255, user&255), UserAgent: agents[user%len(agents)],
			DeviceId: fmt.Sprintf("D%07d", user), Asn: uint32(64500 + user%97), Country: "DE",
			Facts: &aerv1.ClientFacts{Class: "browser", Family: "firefox", Version: "144.0", Os: "windows"},
		},
	}
	switch p.r.IntN(3) {
	case 0:
		ev.Action, ev.ApiMethod = "api_call", fmt.Sprintf("chat.m%d", p.r.IntN(20))
	case 1:
		ev.Action, ev.Object = "file_viewed", &aerv1.Object{Type: "file", Id: fmt.Sprintf("F%d", p.r.IntN(100_000))}
	default:
		ev.Action, ev.Object = "file_downloaded", &aerv1.Object{Type: "file", Id: fmt.Sprintf("F%d", p.r.IntN(100_000))}
	}
	return ev
}

var agents = []string{
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:144.0) Gecko/20100101 Firefox/144.0",
	"Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
}

// howMany is a tenth of a million users, unless AER_LARGE asks for all of them.
func howMany() int {
	switch {
	case os.Getenv("AER_LARGE") != "":
		return 1_000_000
	case testing.Short():
		return 20_000
	}
	return 100_000
}

// TestManyUsers judges the events of a million users (make test-large; fewer otherwise), half of them of one
// organisation, and looks at what must hold at any number: no event is lost, everybody is remembered, memory grows with
// the users and no faster, and shards are even.
func TestManyUsers(t *testing.T) {
	who := newPeople(howMany())
	shards := int(LayoutFor(float64(who.users)).Shards)
	var counted atomic.Int64
	slices := make([]atomic.Int64, shards)
	shardOf := func(org, user string) int32 {
		return activity.Shard(aerv1.OrgID(org), aerv1.UserID(user), shards)
	}
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(4 << 30))
	before := heap()
	e := local.NewEngine(local.Config{Shards: shards, Workers: runtime.GOMAXPROCS(0), Lateness: time.Minute, Quorum: 1,
		Detectors: detector.NewSet(detector.All(), nil),
		Slices: func(s *aerv1.Slice) {
			counted.Add(int64(s.Events))
			slices[shardOf(s.OrgId, s.UserId)].Add(1)
		}})
	chunk := make([]*aerv1.Event, 0, 8192)
	for i := range who.events {
		if chunk = append(chunk, who.event(i)); len(chunk) == cap(chunk) {
			e.Add(chunk)
			chunk = chunk[:0]
		}
	}
	e.Add(chunk)
	e.Close()
	clear(chunk)
	perUser := float64(heap()-before) / float64(who.users)
	if got := int(counted.Load()); got != who.events || e.Late() != 0 || e.NotAPersons() != 0 {
		t.Errorf("%d events in slices, %d late and %d nobody's, of %d", got, e.Late(), e.NotAPersons(), who.events)
	}
	if e.Profiles() != who.users {
		t.Errorf("%d profiles of %d users", e.Profiles(), who.users)
	}
	t.Logf("%d users, %.0f B of heap each, %d shards", who.users, perUser, shards)
	if perUser > heapPerUserMax {
		t.Errorf("a user takes %.0f B of heap, want at most %d", perUser, heapPerUserMax)
	}
	users, work := make([]int64, shards), make([]int64, shards)
	for i := range who.users {
		users[shardOf(who.org(i), string(userID(i)))]++
	}
	for i := range work {
		work[i] = slices[i].Load()
	}
	balanced(t, "users", users)
	balanced(t, "slices", work) // not events: those of one busy user are one slice a window
	runtime.KeepAlive(e)
}

// heap is the bytes alive on the heap.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func balanced(t *testing.T, what string, perShard []int64) {
	t.Helper()
	most, sum := int64(0), int64(0)
	for _, n := range perShard {
		most, sum = max(most, n), sum+n
	}
	share := float64(most) * float64(len(perShard)) / float64(sum)
	t.Logf("the fullest shard has %.3f times the mean of %s", share, what)
	if share > balanceMax {
		t.Errorf("the fullest shard has %.2f times the mean of %s, want at most %v", share, what, balanceMax)
	}
}
