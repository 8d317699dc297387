// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// States without a version (aerv1.Unversioned) are read for as long as one may rest in a cell. Nothing writes them, so
// that a state has a version once it was written again.

// readPending reads an element of a buffer of what is due.
func readPending(raw []byte) (things []*aerv1.PendingThing, err error) {
	if aerv1.BeforeVersions(raw) {
		return oldThings(raw)
	}
	err = readTimed(raw, &aerv1.Pending{}, func(dueMS int64, data []byte) {
		things = append(things, &aerv1.PendingThing{DueMs: dueMS, Data: data})
	})
	return things, err
}

func oldThings(raw []byte) ([]*aerv1.PendingThing, error) {
	u := aerv1.Unversioned{Rest: raw}
	things := make([]*aerv1.PendingThing, u.Count())
	for i := range things {
		things[i] = &aerv1.PendingThing{DueMs: u.Int(), Data: u.Bytes()}
	}
	return things, u.Err
}

// readHeld reads what a stage holds: the first one once held findings and not pairs.
func readHeld(raw []byte, stage int) (Decided, error) {
	if !aerv1.BeforeVersions(raw) {
		return decodeDecided(raw)
	}
	if stage == 0 {
		d := Decided{Anomaly: &aerv1.Anomaly{}}
		return d, d.Anomaly.UnmarshalVT(raw)
	}
	u := aerv1.Unversioned{Rest: raw}
	a, v := u.Bytes(), u.Bytes()
	if u.Err != nil {
		return Decided{}, u.Err
	}
	d := Decided{Anomaly: &aerv1.Anomaly{}, Decision: &aerv1.Decision{}}
	if err := d.Anomaly.UnmarshalVT(a); err != nil {
		return d, err
	}
	return d, d.Decision.UnmarshalVT(v)
}

// readHead reads the head of a shard.
func readHead(raw []byte) (*aerv1.ShardHead, error) {
	h := &aerv1.ShardHead{}
	if !aerv1.BeforeVersions(raw) {
		return h, aerv1.UnmarshalState(raw, h)
	}
	u := aerv1.Unversioned{Rest: raw}
	h.Chain, h.Entries, h.SnapshotBytes, h.LogBytes = u.Bytes(), u.Int(), u.Int(), u.Int()
	return h, u.Err
}

// readEntry reads an entry of a shard's log.
func readEntry(raw []byte) (*aerv1.ShardEntry, error) {
	e := &aerv1.ShardEntry{}
	if !aerv1.BeforeVersions(raw) {
		return e, aerv1.UnmarshalState(raw, e)
	}
	u := aerv1.Unversioned{Rest: raw}
	e.Seq, e.Snapshot = u.Int(), u.Bytes()
	batches := u.Bytes()
	if u.Err != nil || len(batches) == 0 {
		return e, u.Err
	}
	things, err := oldThings(batches)
	for _, t := range things {
		e.Batches = append(e.Batches, &aerv1.PackedBatch{EndMs: t.DueMs, Data: t.Data})
	}
	return e, err
}
