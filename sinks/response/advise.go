// SPDX-License-Identifier: Apache-2.0

package response

import (
	"context"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Advise tells owner and security admins about a decision that ends no session but needs a person: COOLDOWN (somebody
// keeps being signed out: exclude or trust the cause), BUDGET_EXHAUSTED (automatic sign-outs are paused) and
// COMMON_CAUSE (the organisation's environment changed). Nobody else is told and nothing else is done. Only decisions
// that escalate are told, which the gates and the budget say once.
//
// Steps, duplicates and errors are as for Respond.
func (r *Responder) Advise(ctx context.Context, a *aerv1.Anomaly, d *aerv1.Decision) error {
	return r.carryOut(ctx, "advising on", advisable, (*saga).run, a, d)
}

// IsAdvice says that a decision is for Advise.
func IsAdvice(d *aerv1.Decision) bool {
	switch d.GetOutcome() {
	case aerv1.Decision_COOLDOWN, aerv1.Decision_BUDGET_EXHAUSTED, aerv1.Decision_COMMON_CAUSE:
		return true
	}
	return false
}

func advisable(a *aerv1.Anomaly, d *aerv1.Decision) error {
	if !IsAdvice(d) {
		return refuse("outcome is %s, want COOLDOWN, BUDGET_EXHAUSTED or COMMON_CAUSE", d.GetOutcome())
	}
	if !d.GetEscalate() {
		return refuse("it does not escalate: people have been told")
	}
	return fits(a, d)
}
