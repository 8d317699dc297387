// SPDX-License-Identifier: Apache-2.0

package bigquery

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// differ compares rows as sets: each database gives them as JSON, and writes some values its own way. It says which
// rows only one of them has.
func differ(t *testing.T, duck, big []string) string {
	t.Helper()
	count := map[string]int{}
	for _, r := range canonical(t, duck) {
		count[r]++
	}
	for _, r := range canonical(t, big) {
		count[r]--
	}
	var out []string
	for _, r := range slices.Sorted(maps.Keys(count)) {
		if n := count[r]; n != 0 {
			out = append(out, fmt.Sprintf("%+d %s", -n, r))
		}
	}
	const shown = 12
	return strings.Join(out[:min(shown, len(out))], "\n")
}

// canonical reads rows and brings their values into one form.
func canonical(t *testing.T, rows []string) (out []string) {
	t.Helper()
	for _, r := range rows {
		var v any
		d := json.NewDecoder(strings.NewReader(bareTime.ReplaceAllString(r, `$1"$2"$3`)))
		d.UseNumber()
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%v: %s", err, r)
		}
		raw, err := json.Marshal(plain(v))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, string(raw))
	}
	return out
}

var (
	timeText = regexp.MustCompile(`^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00|\+00:00)?$`)
	// bareTime is how the emulator writes a TIMESTAMP or DATE in JSON: without the quotes that BigQuery writes.
	bareTime  = regexp.MustCompile(`([:,\[])(\d{4}-\d\d-\d\d(?:T[0-9:.]+Z)?)([,}\]])`)
	wholeText = regexp.MustCompile(`^-?\d{16,}$`)
)

// plain brings one value into the form of both: times as RFC 3339, numbers in 12 digits (sums of fractions depend on
// their order beyond that), and NULL as absent, also for an ARRAY, which BigQuery has no NULL of.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if p := plain(e); p != nil {
				out[k] = p
			}
		}
		return out
	case []any:
		if len(v) == 0 {
			return nil
		}
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	case bool: // within a STRUCT the emulator writes 0 and 1
		if v {
			return 1.0
		}
		return 0.0
	case json.Number:
		return number(v)
	case string:
		return text(v)
	}
	return v
}

func number(v json.Number) any {
	if !strings.ContainsAny(v.String(), ".eE") {
		if i, err := v.Int64(); err == nil && (i > 1<<53 || i < -1<<53) {
			return v.String()
		}
	}
	f, err := v.Float64()
	if err != nil || f == 0 {
		return 0.0
	}
	scale := math.Pow(10, 11-math.Floor(math.Log10(math.Abs(f))))
	return math.Round(f*scale) / scale
}

func text(v string) any {
	switch {
	case wholeText.MatchString(v): // BigQuery writes an INT64 beyond 2^53 as text
		return v
	case timeText.MatchString(v):
		v = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(strings.Replace(v, " ", "T", 1), "Z"), "+00"), "+00:00")
		if at, err := time.Parse("2006-01-02T15:04:05.999999", v); err == nil {
			return at.Format(time.RFC3339Nano)
		}
	}
	return v
}
