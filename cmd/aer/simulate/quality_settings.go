// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"bytes"
	"fmt"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector/evidence"
)

// tolerates is how many times as much an organisation wants to let pass: what is an attack depends on that.
func (o *org) tolerates() float64 {
	if o.sensitivity == aerv1.SensitivityLow {
		return evidence.SensitivityFactor(aerv1.SensitivityLow)
	}
	return 1
}

// settings lets every detector of every organisation respond, so that what would respond is measured, at the
// organisation's own sensitivity.
func (w *world) settings() []byte {
	var b bytes.Buffer
	b.WriteString("# Every detector responds; sensitivities differ.\norgs:\n")
	for _, o := range w.orgs {
		fmt.Fprintf(&b, "  %s:\n    detectors:\n", o.id)
		for _, t := range aerv1.AnomalyTypes {
			fmt.Fprintf(&b, "      %s: {mode: respond, sensitivity: %s}\n", t, o.sensitivity)
		}
	}
	return b.Bytes()
}
