// SPDX-License-Identifier: Apache-2.0

package kv_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestFirestoreContention: a commit that the service aborts is made again, and happens once.
func TestFirestoreContention(t *testing.T) {
	server := sinktest.StartFirestore(t)
	s, _ := sinktest.OpenFirestoreOn(t, server)
	server.AbortNext(1)
	n, err := kv.Write(ctx, s, func(tx kv.Tx) (uint64, error) { return kv.NextSeq(tx, "c") })
	if err != nil || n != 1 {
		t.Errorf("number is %d, %v", n, err)
	}
}

// TestFirestoreDown: what cannot be read is no absence: nothing is decided by it, and nothing written.
func TestFirestoreDown(t *testing.T) {
	server := sinktest.StartFirestore(t)
	s, _ := sinktest.OpenFirestoreOn(t, server)
	server.Down(status.Error(codes.PermissionDenied, "no"))
	_, err := kv.Read(ctx, s, func(tx kv.Tx) (int, error) { return kv.Load[int](tx, "b", []byte("k")) })
	put := s.Update(ctx, func(tx kv.Tx) error { return tx.Put("b", []byte("k"), tx.Get("b", []byte("k"))) })
	for _, err := range []error{err, put} {
		if err == nil || errors.Is(err, kv.ErrNotFound) || status.Code(err) != codes.PermissionDenied {
			t.Errorf("error is %v", err)
		}
	}
	if ids := server.IDs(); len(ids) != 0 {
		t.Errorf("documents: %q", ids)
	}
}

// TestFirestoreSizes: three megabytes that compress well fit a document, as a directory of 20,000 people does; what
// does not is refused with a reason.
func TestFirestoreSizes(t *testing.T) {
	s, reopen := sinktest.OpenFirestore(t)
	put := func(v []byte) error {
		return s.Update(ctx, func(tx kv.Tx) error { return tx.Put("b", []byte("k"), v) })
	}
	large := bytes.Repeat([]byte("U0000001 Person U0000001 u0000001@acme.example\n"), 3<<20/47)
	sinktest.Must(t, put(large))
	if got := read(t, reopen(), kv.Range{}); len(got) != 1 || got[0] != "k="+string(large) {
		t.Error("a large value changed")
	}
	noise := make([]byte, 2_000_000)
	_, _ = rand.Read(noise)
	if err := put(noise); err == nil || !strings.Contains(err.Error(), "even when compressed") {
		t.Errorf("error is %v", err)
	}
}
