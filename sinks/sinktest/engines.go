// SPDX-License-Identifier: Apache-2.0

package sinktest

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/kv/firestoretest"
)

// Engines runs a suite on every engine of package kv: what passes it works on any.
func Engines(t *testing.T, suite func(t *testing.T, open Open[kv.Store])) {
	t.Run("bolt", func(t *testing.T) { suite(t, OpenBolt) })
	t.Run("shared", func(t *testing.T) { suite(t, OpenShared) })
	t.Run("memory", func(t *testing.T) { suite(t, OpenMemory) })
	t.Run("firestore", func(t *testing.T) { suite(t, OpenFirestore) })
}

// OpenBolt opens a file that one process has to itself.
func OpenBolt(t *testing.T) (kv.Store, func() kv.Store) {
	path := filepath.Join(t.TempDir(), "aer.db")
	var s kv.Store
	open := func() kv.Store {
		if s != nil {
			Must(t, s.Close())
		}
		var err error
		s, err = kv.Open(path, kv.Options{})
		Must(t, err)
		return s
	}
	t.Cleanup(func() { _ = s.Close() })
	return open(), open
}

// OpenMemory opens no file.
func OpenMemory(*testing.T) (kv.Store, func() kv.Store) {
	m := NewMemory()
	return m, func() kv.Store { return m.Reopen() }
}

// OpenShared opens a file for each operation. It reopens as another process would: the first handle stays.
func OpenShared(t *testing.T) (kv.Store, func() kv.Store) {
	path := filepath.Join(t.TempDir(), "sub", "settings.db")
	return reopening(t, func() (kv.Store, error) { return kv.OpenShared(path, kv.Options{LockTimeout: time.Minute}) })
}

// OpenFirestore opens the real client on a server of this process; each test has its own.
func OpenFirestore(t *testing.T) (kv.Store, func() kv.Store) {
	return OpenFirestoreOn(t, StartFirestore(t))
}

// StartFirestore starts a server for one test.
func StartFirestore(t *testing.T) *firestoretest.Server {
	s, err := firestoretest.Start()
	Must(t, err)
	t.Cleanup(s.Close)
	return s
}

// OpenFirestoreOn opens the real client on a server.
func OpenFirestoreOn(t *testing.T, server *firestoretest.Server) (kv.Store, func() kv.Store) {
	return reopening(t, func() (kv.Store, error) {
		conn, err := grpc.NewClient(server.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		Must(t, err)
		o := kv.FirestoreOptions{Project: "p", Client: []option.ClientOption{option.WithGRPCConn(conn)}}
		return kv.OpenFirestore(context.Background(), o)
	})
}

func reopening(t *testing.T, o func() (kv.Store, error)) (kv.Store, func() kv.Store) {
	open := func() kv.Store {
		s, err := o()
		Must(t, err)
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	return open(), open
}

// On opens one table of a store instead of the store.
func On[T any](open Open[kv.Store], of func(kv.Store) T) Open[T] {
	return func(t *testing.T) (T, func() T) {
		s, reopen := open(t)
		return of(s), func() T { return of(reopen()) }
	}
}
