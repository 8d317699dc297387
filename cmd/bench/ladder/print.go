// SPDX-License-Identifier: Apache-2.0

package ladder

import (
	"fmt"

	"github.com/aer-project/aer/cmd/aer/term"
)

// Print writes rungs as a table.
func Print(p *term.Printer, rungs []Rung) {
	t := term.NewTable(">ns", "for each", "stage", ">objects", ">bytes")
	for _, r := range rungs {
		t.Row(fmt.Sprintf("%.0f", r.Nanoseconds), r.Per, r.Name, fmt.Sprintf("%.2f", r.Objects), fmt.Sprintf("%.0f", r.Bytes))
	}
	t.Print(p)
}
