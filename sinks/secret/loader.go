// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"sync"

	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"google.golang.org/api/option"
)

// maxBytes is the largest secret: what Secret Manager allows.
const maxBytes = 64 << 10

// Loader reads secrets. The zero Loader reads the process's environment, files, and Secret Manager with the credentials
// of the environment. It is safe for concurrent use; Close it.
type Loader struct {
	// LookupEnv replaces os.LookupEnv.
	LookupEnv func(name string) (string, bool)
	// ClientOptions are for the Secret Manager client, which is opened when it is first needed.
	ClientOptions []option.ClientOption
	// Nil means slog.Default().
	Log *slog.Logger

	mu     sync.Mutex
	client *secretmanager.Client
}

// Read reads a secret as it is now. An empty secret is an error. Errors name the reference, never what is there.
func (l *Loader) Read(ctx context.Context, r Ref) (Value, error) {
	v, err := l.read(ctx, r)
	switch {
	case r.literal || r.Empty():
		return Value{}, fmt.Errorf("reading a secret: %w", err)
	case err != nil:
		return Value{}, fmt.Errorf("reading secret %s: %w", r, err)
	case v.Empty():
		return Value{}, fmt.Errorf("reading secret %s: it is empty", r)
	}
	return v, nil
}

func (l *Loader) read(ctx context.Context, r Ref) (Value, error) {
	if err := r.Validate(); err != nil {
		return Value{}, err
	}
	switch r.kind {
	case kindEnv:
		return l.readEnv(r.name)
	case kindFile:
		return l.readFile(r.name)
	default:
		return l.readGCP(ctx, r.name)
	}
}

func (l *Loader) readEnv(name string) (Value, error) {
	lookup := l.LookupEnv
	if lookup == nil {
		lookup = os.LookupEnv
	}
	s, ok := lookup(name)
	if !ok {
		return Value{}, errors.New("the variable is not set")
	}
	return New(s), nil
}

// readFile takes one newline off the end, which editors and shells add. A file that everybody may read is reported, not
// refused: orchestrators mount secrets so, inside a container with one user.
func (l *Loader) readFile(path string) (Value, error) {
	f, err := os.Open(path)
	if err != nil {
		return Value{}, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return Value{}, err
	}
	if !info.Mode().IsRegular() {
		return Value{}, fmt.Errorf("%s is not a regular file", path)
	}
	if info.Mode().Perm()&0o004 != 0 {
		l.log().Warn("everybody on this machine can read a secret: chmod o-r", "file", path)
	}
	raw, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return Value{}, err
	}
	if len(raw) > maxBytes {
		return Value{}, fmt.Errorf("%s is longer than %d bytes", path, maxBytes)
	}
	return New(strings.TrimSuffix(strings.TrimSuffix(string(raw), "\n"), "\r")), nil
}

func (l *Loader) log() *slog.Logger {
	if l.Log == nil {
		return slog.Default()
	}
	return l.Log
}

// Close closes the connection to Secret Manager, if there is one.
func (l *Loader) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.client == nil {
		return nil
	}
	defer func() { l.client = nil }()
	return l.client.Close()
}
