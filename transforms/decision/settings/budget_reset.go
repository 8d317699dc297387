// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

// budgetResetKeys are the keys of limits.budget_reset.
var budgetResetKeys = []string{"at", "author", "reason"}

// budgetReset reads what `aer budget reset` has written: {at: 2026-11-22T10:00:00Z, author: kim, reason: identity
// provider}.
func (d *decoder) budgetReset(f strict.Field) *aerv1.BudgetReset {
	out, ok := &aerv1.BudgetReset{}, true
	for _, c := range d.Fields(f.Value, f.Key, "known keys are "+fmt.Sprint(budgetResetKeys)) {
		good := true
		switch c.Name {
		case "at":
			var at time.Time
			if at, good = d.Moment(c.Value, c.Key); good {
				out.At = aerv1.Time(at)
			}
		case "author":
			out.Author, good = d.Text(c.Value, c.Key, "")
		case "reason":
			out.Reason, good = d.Text(c.Value, c.Key, "")
		default:
			d.Unknown(c, "key", budgetResetKeys)
		}
		ok = ok && good
	}
	if ok && out.At == nil {
		d.Fail(f.Value, f.Key, "at is missing", "give the time from which the budget starts afresh")
		return nil
	}
	return out
}

func renderBudgetReset(line func(int, string, ...any), r *aerv1.BudgetReset) {
	if r == nil {
		return
	}
	line(1, "budget_reset:")
	line(2, "at: %s", quote(r.GetAt().AsTime().UTC().Format(time.RFC3339Nano)))
	if r.GetAuthor() != "" {
		line(2, "author: %s", quote(r.Author))
	}
	if r.GetReason() != "" {
		line(2, "reason: %s", quote(r.Reason))
	}
}
