// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func TestEveryOutcomeHasAMeaning(t *testing.T) {
	outcomes := Outcomes()
	if len(outcomes) != len(aerv1.Decision_Outcome_name)-1 {
		t.Errorf("%d outcomes listed", len(outcomes))
	}
	for _, o := range outcomes {
		if Meaning(o) == "" {
			t.Errorf("%s has no meaning", o)
		}
	}
}
