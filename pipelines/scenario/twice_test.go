// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/testing/protocmp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Buses deliver events again: every story of a detector has the same anomalies and decisions when each of its events
// comes twice. Only notes may tell more: they quote plain sums, such as refused attempts.
func TestEventsThatComeTwice(t *testing.T) {
	files, err := filepath.Glob("../../testdata/scenario/detectors/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := Parse(file, raw, With{})
			if err != nil {
				t.Fatal(err)
			}
			once, decided, err := s.judge()
			if err != nil {
				t.Fatal(err)
			}
			var events []*aerv1.Event
			for _, ev := range s.Events {
				events = append(events, ev, ev)
			}
			s.Events = events
			twice, again, err := s.judge()
			if err != nil {
				t.Fatal(err)
			}
			notes := protocmp.IgnoreFields(&aerv1.Evidence{}, "notes")
			if diff := cmp.Diff(once, twice, protocmp.Transform(), notes); diff != "" {
				t.Errorf("anomalies, once and twice:\n%s", diff)
			}
			if diff := cmp.Diff(decided, again, protocmp.Transform()); diff != "" {
				t.Errorf("decisions, once and twice:\n%s", diff)
			}
		})
	}
}
