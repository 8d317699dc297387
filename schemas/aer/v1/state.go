// SPDX-License-Identifier: Apache-2.0

package aerv1

import "fmt"

// StateVersion is the version of the messages in state.proto that this program writes. In version 1 batches were packed
// otherwise and a shard's log held them applied, behind a snapshot in one piece.
const StateVersion = 2

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
	case v > StateVersion:
		return fmt.Errorf("reading %T: it is of version %d and this program knows up to %d: a newer aer wrote it, "+
			"so run that one or a later one, or start with empty state", st, v, StateVersion)
	}
	return nil
}
