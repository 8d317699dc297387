// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	_ "embed" // the texts
	"strings"
)

//go:embed language.txt
var language string

//go:embed example.txtar
var example string

// Language says how a story is written, with a whole example.
func Language() string { return language + "  " + strings.ReplaceAll(example, "\n", "\n  ") }
