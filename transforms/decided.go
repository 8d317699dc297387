// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"fmt"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"google.golang.org/protobuf/encoding/protowire"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
)

func init() {
	beam.RegisterType(reflect.TypeFor[Decided]())
	beam.RegisterCoder(reflect.TypeFor[Decided](), encodeDecided, decodeDecided)
	beam.RegisterType(reflect.TypeFor[Decisions]())
	beam.RegisterCoder(reflect.TypeFor[Decisions](), encodeDecisions, decodeDecisions)
}

// Decided is an anomaly with the decision about it.
type Decided = decision.Decided

func encodeDecided(d Decided) ([]byte, error) {
	raw, err := (&aerv1.DecidedPair{Version: aerv1.StateVersion, Anomaly: d.Anomaly, Decision: d.Decision,
		Before: d.Before}).MarshalVT()
	if err != nil {
		return nil, fmt.Errorf("encoding anomaly %s with its decision: %w", d.Anomaly.GetId(), err)
	}
	return raw, nil
}

func decodeDecided(raw []byte) (Decided, error) {
	var p aerv1.DecidedPair
	err := aerv1.UnmarshalState(raw, &p)
	return Decided{Anomaly: p.Anomaly, Decision: p.Decision, Before: p.Before}, err
}

// Decisions are pairs that cross a shuffle together.
type Decisions struct{ List []Decided }

// encodeDecisions writes pairs one after the other, each with its length before it.
func encodeDecisions(d Decisions) ([]byte, error) {
	var all []byte
	for _, pair := range d.List {
		raw, err := encodeDecided(pair)
		if err != nil {
			return nil, err
		}
		all = protowire.AppendBytes(all, raw)
	}
	return all, nil
}

func decodeDecisions(all []byte) (d Decisions, err error) {
	for len(all) > 0 {
		raw, n := protowire.ConsumeBytes(all)
		if n < 0 {
			return d, fmt.Errorf("reading pair %d of anomalies and decisions: %w", len(d.List), protowire.ParseError(n))
		}
		pair, err := decodeDecided(raw)
		if err != nil {
			return d, err
		}
		d.List, all = append(d.List, pair), all[n:]
	}
	return d, nil
}
