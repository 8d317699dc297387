// SPDX-License-Identifier: Apache-2.0

package dataflow

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Renamed says for jobs of an earlier version which of its steps with state, or with elements that wait, are called
// otherwise now. An empty name is a step that is gone, with what it held.
var Renamed = map[string]map[string]string{
	"0.1": {
		"Decide/transforms.decideFn":   "Decide/transforms.stageFn",
		"Common/transforms.commonFn":   "Common/transforms.stageFn",
		"Budget/transforms.budgetFn":   "Budget/transforms.stageFn",
		"Budget/transforms.budgetFn'1": "BudgetOfAll/transforms.stageFn",
		// It combined what is gathered now. Its open windows are dropped: some seconds of events.
		"Slices/CombinePerKey": "",
		// Rows wait there in another form: those of some seconds are dropped as well.
		"Write/Reshuffle": "",
	},
}

// Mapping is Renamed for the version of the running job, as --transform_name_mapping takes it. A job of this version
// needs none.
func Mapping(from string) (string, error) {
	names, ok := Renamed[from]
	if !ok {
		known := strings.Join(slices.Sorted(maps.Keys(Renamed)), ", ")
		return "", fmt.Errorf("no names are known of version %q; known are %s; a job of this version needs no mapping", from,
			known)
	}
	raw, err := json.Marshal(names)
	if err != nil {
		return "", fmt.Errorf("writing the names of version %s: %w", from, err)
	}
	return string(raw), nil
}
