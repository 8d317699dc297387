// SPDX-License-Identifier: Apache-2.0

package detectortest

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
)

// Shows are the rows of a baseline that so many people of an organisation (of baseline.Everyone: organisations) make by
// showing a fingerprint under a family, in 10 sessions each: one of the family and one of its kind.
func Shows(org, class, family, ja4 string, n uint32) []*aerv1.BaselineFingerprint {
	r := &aerv1.BaselineFingerprint{OrgId: org, Class: class, Family: family, Ja4: ja4, Users: n,
		Observations: 10 * n, Orgs: 1}
	if org == baseline.Everyone {
		r.Orgs = n
	}
	kind := baseline.KindOf(class)
	if kind == "" {
		return []*aerv1.BaselineFingerprint{r}
	}
	return []*aerv1.BaselineFingerprint{r, {OrgId: org, Class: string(kind), Ja4: ja4, Users: r.Users,
		Observations: r.Observations, Orgs: r.Orgs}}
}
