// SPDX-License-Identifier: Apache-2.0

package ladder

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Units of what a benchmark reports. One whose operation is a whole stream reports ns/event as well, or ns/slice or
// whatever it has many of, and so how many that is.
const (
	unitTime    = "ns/op"
	unitBytes   = "B/op"
	unitObjects = "allocs/op"
	timeOf      = "ns/"
)

// procs is what go test puts behind a benchmark's name: with how many processors it ran.
var procs = regexp.MustCompile(`-\d+$`)

// parse reads a line of go test -bench; not ok is a line that is no result. The rung says per what only if the
// benchmark does.
func parse(line string) (r Rung, ok bool, err error) {
	fields := strings.Fields(line)
	if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
		return r, false, nil
	}
	r.Name = procs.ReplaceAllString(strings.TrimPrefix(fields[0], "Benchmark"), "")
	got := map[string]float64{}
	each := 0.0 // nanoseconds for one of what the operation has many of
	for i := 2; i+1 < len(fields); i += 2 {
		n, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			return r, false, fmt.Errorf("reading %q: %w", strings.TrimSpace(line), err)
		}
		unit := fields[i+1]
		got[unit] = n
		if what, ok := strings.CutPrefix(unit, timeOf); ok && unit != unitTime {
			r.Per, each = what, n
		}
	}
	many := 1.0
	if each > 0 {
		many = got[unitTime] / each
	}
	r.Nanoseconds, r.Objects, r.Bytes = got[unitTime]/many, got[unitObjects]/many, got[unitBytes]/many
	return r, true, nil
}
