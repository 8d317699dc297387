// SPDX-License-Identifier: Apache-2.0

package aerv1

import "fmt"

// StateVersion is the version of the messages in state.proto that this program writes, but for those of shards.
const StateVersion = 1

// ShardVersion is the version of what a shard is kept in and of what is on its way there: ShardHead, ShardEntry,
// PackedBatches and Pending. It is a number of its own, because an engine's state is one job's and the rest is not: an
// aer of before still reads the ledger and the histories of users that this one writes. In version 1 batches were
// packed otherwise and a shard's log held them applied, behind a snapshot in one piece.
const ShardVersion = 2

// State is a message of state.proto that is written by itself.
type State interface {
	MarshalVT() ([]byte, error)
	UnmarshalVT([]byte) error
	GetVersion() uint32
}

// UnmarshalState reads what MarshalVT wrote. Nothing (a cell that was never written) is the empty state. It fails on
// bytes that are no such state and on a version that this program does not know; a retry cannot help.
func UnmarshalState(raw []byte, st State) error {
	if len(raw) == 0 {
		return nil
	}
	if err := st.UnmarshalVT(raw); err != nil {
		return fmt.Errorf("reading %T of %d bytes: %w", st, len(raw), err)
	}
	return CheckStateVersion(st, st.GetVersion(), len(raw))
}

// CheckStateVersion refuses the version that a state of so many bytes says, unless this program knows it.
func CheckStateVersion(st State, v uint32, size int) error {
	switch {
	case v == 0:
		return fmt.Errorf("reading %T of %d bytes: it does not say its version: it is damaged or something else", st, size)
	case v > newest(st):
		return fmt.Errorf("reading %T: it is of version %d and this program knows up to %d: a newer aer wrote it, "+
			"so run that one or a later one, or start with empty state", st, v, newest(st))
	}
	return nil
}

func newest(st State) uint32 {
	switch st.(type) {
	case *ShardHead, *ShardEntry, *PackedBatches, *Pending:
		return ShardVersion
	}
	return StateVersion
}
