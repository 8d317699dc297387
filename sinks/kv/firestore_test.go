// SPDX-License-Identifier: Apache-2.0

package kv_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

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

// TestFirestoreHangs: a server that takes connections and says nothing costs a call its deadline, and no more.
func TestFirestoreHangs(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	sinktest.Must(t, err)
	defer func() { _ = l.Close() }()
	t.Setenv(sinktest.FirestoreEmulatorEnv, l.Addr().String())
	s, err := kv.OpenFirestore(ctx, kv.FirestoreOptions{Project: "p", Timeout: 100 * time.Millisecond})
	sinktest.Must(t, err)
	defer func() { _ = s.Close() }()
	sinktest.WantIs(t, s.View(ctx, func(tx kv.Tx) error { tx.Get("b", []byte("k")); return nil }),
		context.DeadlineExceeded)
	sinktest.WantIs(t, s.Update(ctx, func(tx kv.Tx) error { return tx.Put("b", []byte("k"), nil) }),
		context.DeadlineExceeded)
}

func TestFirestoreLimits(t *testing.T) { firestoreLimits(t, sinktest.OpenFirestore) }

// firestoreLimits: three megabytes that compress well fit a document, as a directory of 20,000 people does, and 500
// records a transaction; what does not fit is refused with a reason, and nothing of it is written.
func firestoreLimits(t *testing.T, open sinktest.Open[kv.Store]) {
	s, reopen := open(t)
	large := bytes.Repeat([]byte("U0000001 Person U0000001 u0000001@acme.example\n"), 3<<20/47)
	put := func(n int, v []byte) error {
		return s.Update(ctx, func(tx kv.Tx) error {
			for i := range n {
				if err := tx.Put("b", kv.SeqKey([]byte("k"), uint64(i)), v); err != nil {
					return err
				}
			}
			return nil
		})
	}
	noise := make([]byte, 2_000_000)
	_, _ = rand.Read(noise)
	for want, err := range map[string]error{
		"even when compressed":     put(1, noise),
		"more than 500 writes":     put(501, nil),
		"bytes in one transaction": put(11, noise[:990_000]),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
	wantAll(t, reopen(), kv.Range{})
	sinktest.Must(t, put(500, []byte("small")))
	sinktest.Must(t, put(3, noise[:990_000])) // the emulator takes 4 MiB a call
	sinktest.Must(t, put(1, large))
	got := read(t, reopen(), kv.Range{})
	if len(got) != 500 || !strings.HasSuffix(got[0], "="+string(large)) ||
		!strings.HasSuffix(got[2], "="+string(noise[:990_000])) || !strings.HasSuffix(got[499], "=small") {
		t.Errorf("%d values changed", len(got))
	}
}
