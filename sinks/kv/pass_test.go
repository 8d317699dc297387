// SPDX-License-Identifier: Apache-2.0

package kv_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

const day = 24 * time.Hour

// TestForgetIsBoundedAndGoesOn: a call does a bounded part, another process goes on there, and the next pass is a day
// later.
func TestForgetIsBoundedAndGoesOn(t *testing.T) {
	const records, each = 4500, 2000
	for name, open := range map[string]sinktest.Open[kv.Store]{"memory": sinktest.OpenMemory, "bolt": sinktest.OpenBolt} {
		t.Run(name, func(t *testing.T) {
			s, reopen := open(t)
			sinktest.Must(t, s.Update(ctx, func(tx kv.Tx) error {
				for i := range records {
					if err := tx.Put("b", kv.SeqKey(nil, uint64(i)), []byte(fmt.Sprint(i%2))); err != nil {
						return err
					}
				}
				return nil
			}))
			visited := 0
			odd := kv.Aging{Bucket: "b", Visit: func(tx kv.Tx, r kv.Record, now, before time.Time) error {
				visited++
				if !before.Equal(now.Add(-7 * day)) {
					t.Errorf("before is %v", before)
				}
				if string(r.Value) == "0" {
					return nil
				}
				return tx.Delete("b", r.Key)
			}}
			for i, want := range []int{each, 2 * each, records, records} {
				done, err := kv.Forget(ctx, s, odd, sinktest.T0.Add(time.Duration(i)*time.Minute), 7*day)
				if err != nil || done != (want == records) || visited != want {
					t.Errorf("call %d: %d were visited, want %d; %v, %v", i, visited, want, done, err)
				}
				s = reopen()
			}
			if left := len(read(t, s, kv.Range{})); left != records/2 {
				t.Errorf("%d are left", left)
			}
			if _, err := kv.Forget(ctx, s, odd, sinktest.T0.Add(2*time.Minute+day), 7*day); err != nil || visited <= records {
				t.Errorf("no pass on the next day: %v", err)
			}
		})
	}
}

// TestForgetFails: what fails is tried again at the same place.
func TestForgetFails(t *testing.T) {
	s := sinktest.NewMemory()
	put(t, s, "a", "1", "b", "2")
	boom := errors.New("boom")
	visit := func(tx kv.Tx, r kv.Record, _, _ time.Time) error {
		if string(r.Key) == "b" && boom != nil {
			return boom
		}
		return tx.Delete("b", r.Key)
	}
	_, err := kv.Forget(ctx, s, kv.Aging{Bucket: "b", Visit: visit}, sinktest.T0, day)
	sinktest.WantIs(t, err, boom)
	wantAll(t, s, kv.Range{}, "a=1", "b=2")
	boom = nil
	if done, err := kv.Forget(ctx, s, kv.Aging{Bucket: "b", Visit: visit}, sinktest.T0, day); !done || err != nil {
		t.Errorf("%v, %v", done, err)
	}
	wantAll(t, s, kv.Range{})
}
