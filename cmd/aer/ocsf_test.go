// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/aer-project/aer/sinks/audit/ocsf/ocsftest"
)

// wantOCSF is the script command ocsf FILE N: the file holds N events, each valid by the published schema.
func wantOCSF(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ocsf FILE N")
	}
	schema, err := ocsftest.Load()
	ts.Check(err)
	lines := strings.SplitAfter(ts.ReadFile(args[0]), "\n")
	lines = lines[:len(lines)-1]
	if strconv.Itoa(len(lines)) != args[1] {
		ts.Fatalf("%s has %d events, want %s", args[0], len(lines), args[1])
	}
	for i, line := range lines {
		for _, complaint := range schema.Complaints([]byte(line)) {
			ts.Fatalf("event %d: %s\nin %s", i+1, complaint, line)
		}
	}
}
