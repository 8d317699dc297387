// SPDX-License-Identifier: Apache-2.0

package term

import "testing"

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"0 events":      Count(0, "event"),
		"1 event":       Count(uint64(1), "event"),
		"2 events":      Count(uint32(2), "event"),
		"1 anomaly":     Count(1, "anomaly", "anomalies"),
		"3 anomalies":   Count(3, "anomaly", "anomalies"),
		"0 look-alikes": Count(0, "look-alike"),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
