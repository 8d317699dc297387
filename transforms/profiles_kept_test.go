// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/profile"
)

// Whatever becomes of the shards that are kept, the findings are the same: each is compared with a plain fold of the
// same batches, byte for byte of the profiles.
func TestProfilesTrustWhatIsKeptOnlyAsFarAsItIsRight(t *testing.T) {
	batches := batchesOf(t, traffic(600))
	want := reference(t, batches)
	rng := rand.New(rand.NewPCG(5, 6))
	clone := func(s decodedShard) decodedShard {
		return decodedShard{s.version, cloneShard(t, s.profiles), s.waiting}
	}
	var older decodedShard
	for name, meddle := range map[string]func(now decodedShard) decodedShard{
		"dropped at random": func(now decodedShard) decodedShard {
			if rng.IntN(3) == 0 {
				return decodedShard{}
			}
			return now
		},
		"never there, as after a restart": func(decodedShard) decodedShard { return decodedShard{} },
		"genuinely older": func(now decodedShard) decodedShard {
			then := older
			if now.profiles != nil && rng.IntN(4) == 0 {
				older = clone(now)
			}
			if then.profiles != nil && rng.IntN(3) == 0 {
				return clone(then)
			}
			return now
		},
		"ahead, by a bundle that was never committed": func(now decodedShard) decodedShard {
			if now.profiles == nil || rng.IntN(3) != 0 {
				return now
			}
			ahead := decodedShard{now.version.next(batches[0].Data), cloneShard(t, now.profiles), now.waiting}
			b, err := Unpack(batches[0])
			if err != nil {
				t.Error(err)
				return now
			}
			ahead.profiles.Apply(b, nil)
			return ahead
		},
	} {
		t.Run(name, func(t *testing.T) {
			older = decodedShard{}
			run := provide(t, t.Name(), witnesses(0))
			meddlers.Store(run.ID, meddle)
			defer meddlers.Delete(run.ID)
			var groups [][]*aerv1.PackedBatch
			for rest := batches; len(rest) > 0; {
				n := min(1+rng.IntN(8), len(rest))
				groups, rest = append(groups, rest[:n]), rest[n:]
			}
			got, n := runStream(t, run, groups)
			if !slices.Equal(got, want) {
				t.Fatalf("%d findings differ from the reference's %d", len(got), len(want))
			}
			if n["shards_rebuilt"] == 0 || n["logs_compacted"] == 0 {
				t.Errorf("counters are %v: the test wants shards rebuilt and logs compacted", n)
			}
		})
	}
}

func cloneShard(t *testing.T, sh *profile.Shard) *profile.Shard {
	t.Helper()
	var chunks [][]byte
	if err := sh.Snapshot(func(raw []byte) error { chunks = append(chunks, raw); return nil }); err != nil {
		t.Fatal(err)
	}
	clone, err := profile.LoadShard(chunks)
	if err != nil {
		t.Fatal(err)
	}
	return clone
}

func TestReadLog(t *testing.T) {
	entry := func(seq int64, end int64, snapshot string) []byte {
		e := &aerv1.ShardEntry{Version: aerv1.ShardVersion, Seq: seq, Snapshot: []byte(snapshot)}
		if end != 0 {
			e.Batches = packed(&aerv1.PackedBatch{EndMs: end, Data: []byte{byte(end)}}).List
		}
		raw, err := e.MarshalVT()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, c := range map[string]struct {
		raw     [][]byte
		entries int64
		ends    []int64
		err     string
	}{
		"in any order":      {[][]byte{entry(1, 20, ""), entry(0, 10, "")}, 2, []int64{10, 20}, ""},
		"behind a snapshot": {[][]byte{entry(1, 20, ""), entry(0, 0, "s")}, 2, []int64{20}, ""},
		"an entry is lost": {[][]byte{entry(1, 20, "")}, 2, nil,
			"reading a shard's log: it has 1 entries and its head says 2"},
		"an entry twice": {[][]byte{entry(0, 10, ""), entry(0, 10, "")}, 2, nil,
			"reading a shard's log: entry 1 is missing"},
		"behind two parts": {[][]byte{entry(1, 0, "t"), entry(2, 20, ""), entry(0, 0, "s")}, 3, []int64{20}, ""},
		"a snapshot within": {[][]byte{entry(0, 10, ""), entry(1, 0, "s")}, 2, nil,
			"reading a shard's log: a snapshot that does not come first"},
		"an entry cut short": {[][]byte{entry(0, 10, "")[:8]}, 1, nil,
			"reading entry 0 of a shard's log: reading *aerv1.ShardEntry of 8 bytes: unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			_, since, err := readLog(c.raw, &aerv1.ShardHead{Entries: c.entries})
			if fmt.Sprint(err) != c.err && (err != nil || c.err != "") {
				t.Fatalf("error is %v, want %s", err, c.err)
			}
			var ends []int64
			for _, e := range since {
				for _, p := range e.Batches {
					ends = append(ends, p.EndMs)
				}
			}
			if !slices.Equal(ends, c.ends) {
				t.Errorf("batches end at %v, want %v", ends, c.ends)
			}
		})
	}
}
