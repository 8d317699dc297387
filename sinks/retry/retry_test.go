// SPDX-License-Identifier: Apache-2.0

package retry_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/aer-project/aer/sinks/retry"
)

func TestWaits(t *testing.T) {
	w := retry.Policy{Backoff: func() backoff.BackOff { return backoff.NewConstantBackOff(time.Second) }}.Start()
	for _, c := range []struct {
		err  error
		want time.Duration
	}{
		{errors.New("x"), time.Second},
		{nil, time.Second},
		{retry.After(errors.New("ratelimited"), 30*time.Second), 30 * time.Second},
		{retry.After(errors.New("ratelimited"), time.Millisecond), time.Second},
	} {
		if got, more := w.Next(c.err); got != c.want || !more {
			t.Errorf("after %v: wait %v, %v", c.err, got, more)
		}
	}
	if _, more := (retry.Policy{Backoff: func() backoff.BackOff { return &backoff.StopBackOff{} }}).Start().Next(
		nil); more {
		t.Error("a stopped policy goes on")
	}
}

func TestMarksDoNotHideEachOther(t *testing.T) {
	full := errors.New("mailbox is full")
	err := fmt.Errorf("delivering: %w", retry.OneOnly(retry.After(full, time.Minute)))
	if d, _ := (retry.Policy{}).Start().Next(err); d != time.Minute || !retry.IsOneOnly(err) || !retry.Recoverable(err) ||
		!errors.Is(err, full) {
		t.Errorf("%v after %v", err, d)
	}
	if !retry.IsOneOnly(retry.After(retry.OneOnly(full), 0)) || retry.Recoverable(retry.OneOnly(retry.Permanent(full))) {
		t.Error("a mark got lost")
	}
	if retry.IsOneOnly(full) || retry.IsOneOnly(nil) || retry.OneOnly(nil) != nil {
		t.Error("what is not marked is of one only")
	}
}

func TestDefaultWaitsGrowToTheLimit(t *testing.T) {
	w := retry.Policy{}.Start()
	var last time.Duration
	for range 40 {
		last, _ = w.Next(nil)
	}
	// The jitter of the library is half to one and a half times the interval.
	if last < retry.MaxInterval/2 || last > retry.MaxInterval*3/2 {
		t.Errorf("wait after many attempts is %v", last)
	}
}

func TestSleepEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := (retry.Policy{}).Start().Sleep(ctx, time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}

func TestRecoverable(t *testing.T) {
	base := errors.New("user_not_found")
	for _, c := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{base, true}, // unclassified
		{retry.Permanent(base), false},
		{fmt.Errorf("revoking: %w", retry.Permanent(base)), false},
		{retry.After(base, time.Second), true},
		{context.DeadlineExceeded, true},
	} {
		if got := retry.Recoverable(c.err); got != c.want {
			t.Errorf("Recoverable(%v) = %v", c.err, got)
		}
	}
	if !errors.Is(retry.Permanent(base), base) || retry.Permanent(nil) != nil || retry.After(nil, 1) != nil {
		t.Error("classifying loses the error or makes one")
	}
}
