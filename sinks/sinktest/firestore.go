// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"crypto/rand"
	"testing"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest/outside"
)

// FirestoreEmulatorEnv is honoured by the Firestore client.
const FirestoreEmulatorEnv = "FIRESTORE_EMULATOR_HOST"

// OnFirestoreEmulator runs a suite on Google's emulator, started for it, or skips the test where it is not wanted or
// not here.
func OnFirestoreEmulator(t *testing.T, suite func(t *testing.T, open Open[kv.Store])) {
	StartFirestoreEmulator(t)
	suite(t, func(t *testing.T) (kv.Store, func() kv.Store) {
		o := FreshFirestore()
		return reopening(t, func() (kv.Store, error) { return kv.OpenFirestore(context.Background(), o) })
	})
}

// StartFirestoreEmulator has the Firestore clients of this test, and of processes that it starts, talk to an emulator.
func StartFirestoreEmulator(t *testing.T) {
	t.Helper()
	t.Setenv(FirestoreEmulatorEnv, outside.Firestore(t))
}

// FreshFirestore names a store of the emulator that nobody else uses: collections of its own.
func FreshFirestore() kv.FirestoreOptions {
	return kv.FirestoreOptions{Project: "aer-test", Prefix: "t" + rand.Text() + "_"}
}
