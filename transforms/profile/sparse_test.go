// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// sparse is a shard of so many users of many organisations, each of whom did a handful of things within a day from
// devices and addresses of their own, few of them much more: what most profiles of a large platform are like.
func sparse(users int) *Shard {
	sh, r := NewShard(), rand.New(rand.NewPCG(1, 2))
	var events []*aerv1.Event
	for u := range users {
		who := person{r: r, org: fmt.Sprintf("E%010d", u%127), id: upper(r, 11), net: [3]byte(random(r, 3))}
		for range 1 + r.IntN(2) {
			who.devices = append(who.devices, who.device())
		}
		for range int(8 * math.Exp(0.7*r.NormFloat64())) {
			events = append(events, who.act())
		}
	}
	for _, b := range batches(events) {
		sh.Apply(b, nil)
	}
	return sh
}

type person struct {
	r       *rand.Rand
	org, id string
	net     [3]byte
	devices []device
}

type device struct {
	session string
	client  *aerv1.Client
}

// programs of whom everybody uses one or two.
var everyonesPrograms = []struct{ userAgent, class, family, version, os string }{
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36",
		"browser", "chrome", "137.0", "windows"},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
		"browser", "safari", "18.4", "macos"},
	{"Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0", "browser", "firefox", "139.0", "linux"},
	{"com.tinyspeck.chatlyio/25.04.30 (iPhone; iOS 18.4.1; Scale/3.00)", "official", "slack-ios", "25.04.30", "ios"},
	{"com.Slack/25.05.10 (Pixel 8; Android 15)", "official", "slack-android", "25.05.10", "android"},
}

func (p *person) device() device {
	prog := everyonesPrograms[p.r.IntN(len(everyonesPrograms))]
	c := &aerv1.Client{
		Ip: fmt.Sprintf("%d.%d.%d.%d", p.net[0], p.net[1], p.net[2], p.r.IntN(256)), UserAgent: prog.userAgent,
		DeviceId: "D" + upper(p.r, 13),
		Facts:    &aerv1.ClientFacts{Class: prog.class, Family: prog.family, Version: prog.version, Os: prog.os},
	}
	if p.r.IntN(2) == 0 {
		c.Ja4 = hex.EncodeToString(random(p.r, 8))
	}
	return device{fmt.Sprint(1e12 + p.r.Int64N(9e12)), c}
}

func (p *person) act() *aerv1.Event {
	d := p.devices[p.r.IntN(len(p.devices))]
	id := hex.EncodeToString(random(p.r, 16))
	ev := &aerv1.Event{
		Id:   fmt.Sprintf("%s-%s-%s-%s-%s", id[:8], id[8:12], id[12:16], id[16:20], id[20:]),
		Time: aerv1.Time(monday.Add(time.Duration(p.r.IntN(86_400)) * time.Second)), OrgId: p.org, UserId: p.id,
		SessionId: d.session, Client: d.client, Action: "file_viewed",
		Object: &aerv1.Object{Type: "file", Id: fmt.Sprintf("F%010d", p.r.IntN(1<<30))},
	}
	switch p.r.IntN(8) {
	case 0:
		ev.Action = "file_downloaded"
	case 1:
		ev.Action, ev.ApiMethod = "api_call", fmt.Sprintf("conversations.m%02d", p.r.IntN(24))
	case 2, 3:
		ev.Action, ev.Object = "message_posted", nil
	}
	return ev
}

func random(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

func upper(r *rand.Rand, n int) string {
	b := random(r, n)
	for i := range b {
		b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[b[i]%36]
	}
	return string(b)
}

// TestEncodedProfilesAreSmall: each alone, and more so in a shard, where the texts that people share are stored once.
func TestEncodedProfilesAreSmall(t *testing.T) {
	const mostMedian, mostMean, mostInShard = 600, 1000, 320
	sh := sparse(3000)
	var sizes []int
	alone, together := 0, 0
	for p := range sh.table.all() {
		raw, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, len(raw))
		alone += len(raw)
	}
	for _, raw := range Chunks(t, sh) {
		together += len(raw)
	}
	slices.Sort(sizes)
	median, mean, inShard := sizes[len(sizes)/2], alone/len(sizes), together/len(sizes)
	t.Logf("%d B in the median, %d in the mean, %d in a shard", median, mean, inShard)
	if median > mostMedian || mean > mostMean || inShard > mostInShard {
		t.Errorf("a profile takes %d B in the median, %d in the mean and %d in a shard; at most %d, %d and %d are meant", median,
			mean, inShard, mostMedian, mostMean, mostInShard)
	}
}

// manyProfiles are as many as a shard is meant to have.
const manyProfiles = 10_000

func BenchmarkSnapshot(b *testing.B) {
	sh := sparse(manyProfiles)
	b.ReportAllocs()
	size := 0
	for b.Loop() {
		size = 0
		for _, raw := range Chunks(b, sh) {
			size += len(raw)
		}
	}
	perProfile(b, sh, size)
}

func BenchmarkRebuild(b *testing.B) {
	sh := sparse(manyProfiles)
	chunks, size := Chunks(b, sh), 0
	for _, raw := range chunks {
		size += len(raw)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := LoadShard(chunks); err != nil {
			b.Fatal(err)
		}
	}
	perProfile(b, sh, size)
}

func perProfile(b *testing.B, sh *Shard, size int) {
	n := float64(sh.Len())
	b.ReportMetric(float64(size)/n, "B/profile")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/profile")
}
