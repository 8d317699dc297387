// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"bytes"
	"context"
	"hash/crc32"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
)

func ref(t *testing.T, s string) secret.Ref {
	t.Helper()
	r, err := sinktest.ParseRef(s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestReadEnvironmentAndFiles(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	write := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		return "file:" + path
	}
	var logged bytes.Buffer
	env := map[string]string{"SET": hidden, "EMPTY": ""}
	l := &secret.Loader{
		LookupEnv: func(n string) (string, bool) { s, ok := env[n]; return s, ok },
		Log:       slog.New(slog.NewTextHandler(&logged, nil)),
	}
	for _, c := range []struct{ ref, want, wrong string }{
		{"env:SET", hidden, ""},
		{"env:EMPTY", "", "env:EMPTY: it is empty"},
		{"env:UNSET", "", "env:UNSET: the variable is not set"},
		{write("plain", hidden, 0o600), hidden, ""},
		{write("newline", hidden+"\n", 0o600), hidden, ""},
		{write("crlf", hidden+"\r\n", 0o600), hidden, ""},
		{write("two", hidden+"\n\n", 0o600), hidden + "\n", ""},
		{write("none", "\n", 0o600), "", "is empty"},
		{write("large", strings.Repeat("x", 64<<10+1), 0o600), "", "longer than 65536 bytes"},
		{"file:" + dir, "", "not a regular file"},
		{"file:" + dir + "/absent", "", "no such file"},
	} {
		v, err := l.Read(ctx, ref(t, c.ref))
		if c.wrong == "" && (err != nil || v.Reveal() != c.want) {
			t.Errorf("%s: %q, %v", c.ref, v.Reveal(), err)
		}
		if c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s: error is %v, want %q", c.ref, err, c.wrong)
		}
	}
	if logged.Len() > 0 {
		t.Errorf("logged %s", logged.String())
	}
	open := write("open", hidden, 0o644)
	if v, err := l.Read(ctx, ref(t, open)); err != nil || v.Reveal() != hidden ||
		!strings.Contains(logged.String(), "everybody") {
		t.Errorf("readable by all: %v, logged %q", err, logged.String())
	}
	wantHidden(t, "the log", logged.String())
	if _, err := l.Read(ctx, secret.Ref{}); err == nil {
		t.Error("nothing was read")
	}
}

// manager is Secret Manager as far as it is used.
type manager struct {
	secretmanagerpb.UnimplementedSecretManagerServiceServer
	mu       sync.Mutex
	versions map[string]*secretmanagerpb.SecretPayload
}

func (m *manager) AccessSecretVersion(_ context.Context,
	r *secretmanagerpb.AccessSecretVersionRequest) (*secretmanagerpb.AccessSecretVersionResponse, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.versions[r.GetName()]
	if p == nil {
		return nil, status.Errorf(codes.NotFound, "Secret [%s] not found", r.GetName())
	}
	return &secretmanagerpb.AccessSecretVersionResponse{Name: r.GetName(), Payload: p}, nil
}

func (m *manager) put(name, content string, damage int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := int64(crc32.Checksum([]byte(content), crc32.MakeTable(crc32.Castagnoli))) + damage
	m.versions[name] = &secretmanagerpb.SecretPayload{Data: []byte(content), DataCrc32C: &sum}
}

func startManager(t *testing.T) (*manager, []option.ClientOption) {
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	m := &manager{versions: map[string]*secretmanagerpb.SecretPayload{}}
	s := grpc.NewServer()
	secretmanagerpb.RegisterSecretManagerServiceServer(s, m)
	go func() { _ = s.Serve(lis) }()
	t.Cleanup(s.Stop)
	return m, []option.ClientOption{option.WithEndpoint(lis.Addr().String()), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials()))}
}

func TestReadSecretManager(t *testing.T) {
	ctx := context.Background()
	m, opts := startManager(t)
	l := &secret.Loader{ClientOptions: opts}
	t.Cleanup(func() { _ = l.Close() })
	const name = "projects/p/secrets/s/versions/latest"
	if _, err := l.Read(ctx, ref(t, "gcp:"+name)); status.Code(err) != codes.NotFound ||
		!strings.Contains(err.Error(), name) {
		t.Errorf("error is %v", err)
	}
	m.put(name, hidden, 0)
	if v, err := l.Read(ctx, ref(t, "gcp:"+name)); err != nil || v.Reveal() != hidden {
		t.Errorf("read %v, %v", v, err)
	}
	m.put(name, hidden, 1)
	_, err := l.Read(ctx, ref(t, "gcp:"+name))
	if err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("error is %v", err)
	} else {
		wantHidden(t, "the error", err.Error())
	}
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := l.Read(stopped, ref(t, "gcp:"+name)); status.Code(err) != codes.Canceled && err == nil {
		t.Errorf("error is %v", err)
	}
}

// TestFollow: a rotated secret is used when the old one is due, and the last good one when the new cannot be read.
func TestFollow(t *testing.T) {
	ctx := context.Background()
	m, opts := startManager(t)
	var logged bytes.Buffer
	l := &secret.Loader{ClientOptions: opts, Log: slog.New(slog.NewTextHandler(&logged, nil))}
	t.Cleanup(func() { _ = l.Close() })
	const name = "projects/p/secrets/s/versions/latest"
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	if _, err := l.Follow(ctx, ref(t, "gcp:"+name), clock); err == nil {
		t.Error("a secret that is not there was followed")
	}
	m.put(name, "first", 0)
	f, err := l.Follow(ctx, ref(t, "gcp:"+name), clock)
	if err != nil {
		t.Fatal(err)
	}
	want := func(s string) {
		t.Helper()
		if v, err := f.Get(ctx); err != nil || v.Reveal() != s {
			t.Errorf("got %q, %v, want %q", v.Reveal(), err, s)
		}
	}
	m.put(name, "second", 0)
	want("first")
	now = now.Add(secret.RefreshEvery)
	want("second")
	m.put(name, "third", 1) // damaged
	now = now.Add(secret.RefreshEvery)
	want("second")
	if !strings.Contains(logged.String(), "keeping the last good secret") || strings.Contains(logged.String(), "third") {
		t.Errorf("logged %s", logged.String())
	}
	m.put(name, "third", 0)
	want("second") // not asked again at once
	now = now.Add(secret.RefreshEvery)
	want("third")
}
