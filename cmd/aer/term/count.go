// SPDX-License-Identifier: Apache-2.0

package term

import "fmt"

// Count says how many things there are: "1 anomaly", "3 anomalies". The plural is the word with an s unless it is
// given.
func Count[N int | uint32 | uint64](n N, word string, plural ...string) string {
	switch {
	case n == 1:
		return "1 " + word
	case len(plural) > 0:
		word = plural[0]
	default:
		word += "s"
	}
	return fmt.Sprint(n, " ", word)
}
