// SPDX-License-Identifier: Apache-2.0

package detector_test

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/detector"
)

// The detectors of the fast lane judge one event by itself, as soon as it is there.
func ExampleNewSet() {
	set := detector.NewSet(detector.All(), nil)
	found := set.Event(&aerv1.Event{
		Id: "e-1", OrgId: "O1", UserId: "U1", SessionId: "S1", Action: "file_viewed",
		Time:   aerv1.Time(time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)),
		Client: &aerv1.Client{Ip: "198.51.100.7", Facts: &aerv1.ClientFacts{Tor: true}},
	}, nil)
	for _, a := range found {
		fmt.Println(a.Type, a.SessionIds, a.Severity)
		fmt.Println(a.Evidence.FormulaFilled)
	}
	// Output:
	// tor [S1] high
	// 198.51.100.7 was a listed exit at 2026-11-22T10:00:00Z
}
