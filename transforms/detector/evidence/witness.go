// SPDX-License-Identifier: Apache-2.0

package evidence

import aerv1 "github.com/aer-project/aer/schemas/aer/v1"

// MakeWitness makes of what is no finding by itself a hint that corroborates nothing either: it only lets the
// organisation's stage know for whom something is new (decision.Witness). Those who are not found count most in telling
// a change of the environment from an attack.
func MakeWitness(a *aerv1.Anomaly) {
	a.Hint, a.LogOnly, a.Confidence, a.Severity = true, true, 0, SeverityLow
}
