package retry_test

import (
	"context"
	"errors"
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
	if _, more := (retry.Policy{Backoff: func() backoff.BackOff { return &backoff.StopBackOff{} }}).Start().Next(nil); more {
		t.Error("a stopped policy goes on")
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
