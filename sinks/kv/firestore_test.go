package store_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/store"
	"github.com/aer-project/aer/sinks/store/firestoretest"
)

// openFirestore opens the real client on a server of this process; each test has its own.
func openFirestore(t *testing.T) (*store.Store, func() *store.Store) {
	return openOn(t, startFirestore(t))
}

func startFirestore(t *testing.T) *firestoretest.Server {
	s, err := firestoretest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func openOn(t *testing.T, server *firestoretest.Server) (*store.Store, func() *store.Store) {
	return reopening(t, func() store.FirestoreOptions {
		conn, err := grpc.NewClient(server.Addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			t.Fatal(err)
		}
		return store.FirestoreOptions{Project: "p", Client: []option.ClientOption{option.WithGRPCConn(conn)}}
	})
}

// openEmulator opens the client on the emulator that FIRESTORE_EMULATOR_HOST names, in collections of its own.
func openEmulator(t *testing.T) (*store.Store, func() *store.Store) {
	prefix := "t" + rand.Text() + "_"
	return reopening(t, func() store.FirestoreOptions { return store.FirestoreOptions{Project: "p", Prefix: prefix} })
}

func reopening(t *testing.T, o func() store.FirestoreOptions) (*store.Store, func() *store.Store) {
	open := func() *store.Store {
		s, err := store.OpenFirestore(context.Background(), o())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}
	return open(), open
}

func firestoreSuites(t *testing.T, open openStore) {
	t.Run("settings", func(t *testing.T) { sinktest.Settings(t, part(open, (*store.Store).Settings)) })
	t.Run("directory", func(t *testing.T) { sinktest.Directory(t, part(open, (*store.Store).Directory)) })
	t.Run("ledger", func(t *testing.T) { sinktest.Ledger(t, part(open, (*store.Store).Ledger)) })
	t.Run("audit", func(t *testing.T) { sinktest.Audit(t, part(open, (*store.Store).Audit)) })
	t.Run("changes", func(t *testing.T) { sinktest.Changes(t, part(open, chosen)) })
}

func TestFirestore(t *testing.T) {
	if os.Getenv("FIRESTORE_EMULATOR_HOST") != "" {
		t.Skip("FIRESTORE_EMULATOR_HOST is set, so the client would not talk to this server: TestFirestoreEmulator runs instead")
	}
	firestoreSuites(t, openFirestore)
}

func TestFirestoreEmulator(t *testing.T) {
	if os.Getenv("FIRESTORE_EMULATOR_HOST") == "" {
		t.Skip("FIRESTORE_EMULATOR_HOST is not set: start the Firestore emulator (it needs Java) to run the suites against it")
	}
	firestoreSuites(t, openEmulator)
}

// TestFirestoreContention: a commit that the service aborts is made again, and happens once.
func TestFirestoreContention(t *testing.T) {
	if os.Getenv("FIRESTORE_EMULATOR_HOST") != "" {
		t.Skip("needs the server of package firestoretest")
	}
	ctx := context.Background()
	server := startFirestore(t)
	s, _ := openOn(t, server)
	server.AbortNext(1)
	if err := s.Settings().Put(ctx, &aerv1.Settings{OrgId: "O1", Version: "v1"}, ""); err != nil {
		t.Fatal(err)
	}
	if h, err := s.Settings().History(ctx, "O1"); err != nil || len(h) != 1 {
		t.Errorf("history: %v, %v", h, err)
	}
}

// TestFirestoreDown: what cannot be read is no absence: nothing is decided by it, and nothing written.
func TestFirestoreDown(t *testing.T) {
	if os.Getenv("FIRESTORE_EMULATOR_HOST") != "" {
		t.Skip("needs the server of package firestoretest")
	}
	ctx := context.Background()
	server := startFirestore(t)
	s, _ := openOn(t, server)
	server.Down(status.Error(codes.PermissionDenied, "no"))
	_, err1 := s.Settings().Get(ctx, "O1")
	_, err2 := s.Ledger().Begin(ctx, store.Key{OrgID: "O1", ResponseID: "R1", Kind: "revoke"}, sinktest.T0)
	for _, err := range []error{err1, err2, s.Directory().Put(ctx, &aerv1.Directory{OrgId: "O1"})} {
		if err == nil || errors.Is(err, store.ErrNotFound) || status.Code(errors.Unwrap(err)) == codes.OK {
			t.Errorf("error is %v", err)
		}
	}
	if ids := server.IDs(); len(ids) != 0 {
		t.Errorf("documents: %q", ids)
	}
}

// TestFirestoreSizes: a directory of 20,000 people fits a document, and what does not is refused with a reason.
func TestFirestoreSizes(t *testing.T) {
	if os.Getenv("FIRESTORE_EMULATOR_HOST") != "" {
		t.Skip("needs the server of package firestoretest")
	}
	ctx := context.Background()
	s, reopen := openOn(t, startFirestore(t))
	dir := &aerv1.Directory{OrgId: "O1"}
	for i := range 20_000 {
		id := fmt.Sprintf("U%07d", i)
		dir.People = append(dir.People, &aerv1.Person{UserId: id, Name: "Person " + id, Email: id + "@acme.example", Type: aerv1.UserMember})
	}
	if err := s.Directory().Put(ctx, dir); err != nil {
		t.Fatal(err)
	}
	if got, err := reopen().Directory().Get(ctx, "O1"); err != nil || len(got.GetPeople()) != len(dir.People) {
		t.Errorf("%d people, %v", len(got.GetPeople()), err)
	}
	noise := make([]byte, 2_000_000)
	_, _ = rand.Read(noise)
	err := s.Directory().Put(ctx, &aerv1.Directory{OrgId: "O1", Name: fmt.Sprintf("%x", noise)})
	if err == nil || !strings.Contains(err.Error(), "even when compressed") {
		t.Errorf("error is %v", err)
	}
}
