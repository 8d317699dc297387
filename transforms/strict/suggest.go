// SPDX-License-Identifier: Apache-2.0

package strict

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// suggest is "; did you mean X?" if one of the known words is a slip of the keyboard away from what was written.
func suggest(written string, known []string) string {
	best, distance := "", max(1, len(written)/3)+1
	for _, k := range known {
		if d := levenshtein.ComputeDistance(Clip(strings.ToLower(written)), k); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}
