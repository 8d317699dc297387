// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"
	"time"
)

func TestAckAfterOnFlink(t *testing.T) {
	for _, c := range []struct{ chosen, want time.Duration }{
		{0, 30 * time.Second}, {time.Minute, time.Minute}, {21 * time.Second, 21 * time.Second},
		{20 * time.Second, 0}, {time.Second, 0},
	} {
		o := flinkOptions{checkpoint: 10 * time.Second}
		_, got, err := o.committed(c.chosen)
		if got != c.want || (err == nil) != (c.want > 0) {
			t.Errorf("ack_after %v gives %v, %v", c.chosen, got, err)
		}
	}
}
