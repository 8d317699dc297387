// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Decided]())
	beam.RegisterCoder(reflect.TypeFor[Decided](), encodeDecided, decodeDecided)
}

// Decided is an anomaly with the decision about it.
type Decided = decision.Decided

func encodeDecided(d Decided) ([]byte, error) {
	raw, err := (&aerv1.DecidedPair{Version: aerv1.StateVersion, Anomaly: d.Anomaly, Decision: d.Decision}).MarshalVT()
	if err != nil {
		return nil, fmt.Errorf("encoding anomaly %s with its decision: %w", d.Anomaly.GetId(), err)
	}
	return raw, nil
}

func decodeDecided(raw []byte) (Decided, error) {
	var p aerv1.DecidedPair
	err := aerv1.UnmarshalState(raw, &p)
	return Decided{Anomaly: p.Anomaly, Decision: p.Decision}, err
}
