package transforms

import (
	"fmt"
	"reflect"
	"slices"

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

// timestampMS is when a decision was due.
func timestampMS(d Decided) int64 { return d.Decision.GetTime().AsTime().UnixMilli() }

func encodeDecided(d Decided) ([]byte, error) {
	a, err := d.Anomaly.MarshalVT()
	if err != nil {
		return nil, fmt.Errorf("encoding anomaly %s: %w", d.Anomaly.GetId(), err)
	}
	v, err := d.Decision.MarshalVT()
	if err != nil {
		return nil, fmt.Errorf("encoding decision %s: %w", d.Decision.GetId(), err)
	}
	p := packer{buf: make([]byte, 0, len(a)+len(v)+8)}
	p.bytes(a)
	p.bytes(v)
	return p.buf, nil
}

func decodeDecided(b []byte) (Decided, error) {
	u := unpacker{buf: b}
	a, v := u.bytes(), u.bytes()
	d := Decided{Anomaly: &aerv1.Anomaly{}, Decision: &aerv1.Decision{}}
	if u.err != nil {
		return d, fmt.Errorf("decoding a decision: %w", u.err)
	}
	if err := d.Anomaly.UnmarshalVT(a); err != nil {
		return d, fmt.Errorf("decoding the anomaly of a decision: %w", err)
	}
	if err := d.Decision.UnmarshalVT(v); err != nil {
		return d, fmt.Errorf("decoding a decision: %w", err)
	}
	return d, nil
}

// sortDecided puts decisions in the order in which budgets see them.
func sortDecided(ds []Decided) {
	slices.SortStableFunc(ds, decision.CompareDecided)
}
