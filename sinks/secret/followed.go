// SPDX-License-Identifier: Apache-2.0

package secret

import (
	"context"
	"sync"
	"time"

	"github.com/aer-project/aer/transforms/strict"
)

// RefreshEvery is how old a secret may be before it is read again: a rotated secret is used within this time, and
// Secret Manager, which bills by access, is asked a few hundred times a day.
const RefreshEvery = 5 * time.Minute

// retryEvery is how soon a failed refresh is tried again.
const retryEvery = 30 * time.Second

// Source gives a secret as it is now.
type Source interface {
	Get(ctx context.Context) (Value, error)
}

// Followed is a secret that is read again when it is older than RefreshEvery. When that fails, the last good one is
// kept. It is safe for concurrent use.
type Followed struct {
	loader *Loader
	ref    Ref
	now    func() time.Time

	mu    sync.Mutex
	value Value
	due   time.Time
}

// Follow returns a source for a reference and reads it once, so that a mistake shows at the start.
func (l *Loader) Follow(ctx context.Context, r Ref, now func() time.Time) (*Followed, error) {
	f := &Followed{loader: l, ref: r, now: now}
	_, err := f.Get(ctx)
	return f, err
}

// FollowAll is Follow for the references beneath a key of a configuration, which errors name. A missing reference
// follows nothing.
func (l *Loader) FollowAll(ctx context.Context, key string, now func() time.Time,
	refs ...Ref) (all []Source, err error) {
	for _, r := range refs {
		if r.Empty() {
			continue
		}
		s, err := l.Follow(ctx, r, now)
		if err != nil {
			return nil, &strict.Error{Key: key, Problem: err.Error()}
		}
		all = append(all, s)
	}
	return all, nil
}

// Get implements Source.
func (f *Followed) Get(ctx context.Context) (Value, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := f.now()
	if now.Before(f.due) {
		return f.value, nil
	}
	v, err := f.loader.Read(ctx, f.ref)
	switch {
	case err == nil:
		f.value, f.due = v, now.Add(RefreshEvery)
	case f.value.Empty():
		return Value{}, err
	default:
		f.due = now.Add(retryEvery)
		f.loader.log().Warn("keeping the last good secret", "secret", f.ref.String(), "error", err)
	}
	return f.value, nil
}

// again reads the secret now, however young the last reading is.
func (f *Followed) again(ctx context.Context) (Value, error) {
	f.mu.Lock()
	f.due = time.Time{}
	f.mu.Unlock()
	return f.Get(ctx)
}

// Again gives the secret as it is at its origin now, for a server that refuses the last reading: it may have been
// changed since.
func Again(ctx context.Context, s Source) (Value, error) {
	if f, ok := s.(*Followed); ok {
		return f.again(ctx)
	}
	return s.Get(ctx)
}

// String implements fmt.Stringer.
func (f *Followed) String() string { return "secret " + f.ref.String() }
