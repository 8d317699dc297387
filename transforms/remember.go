// SPDX-License-Identifier: Apache-2.0

package transforms

import (
	"context"
	"errors"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/process"
)

func init() {
	beam.RegisterDoFn(&rememberFn{})
	beam.RegisterDoFn(&newsFn{})
}

// Remember hands out what earlier runs knew (process.Process.Memory), before all that the run itself takes in: until it
// is done, it holds back the watermark of the stages that it is given to. The results are profiles for Profiles, in the
// place of batches (KV<int32, *aerv1.PackedBatches>), and findings for Decide (PCollection<Decided>).
func Remember(s beam.Scope, run process.Run) (profiles, findings beam.PCollection) {
	s = s.Scope("Remember")
	return beam.ParDo2(s, &rememberFn{Run: run}, beam.Impulse(s))
}

type rememberFn struct{ Run process.Run }

// ProcessElement hands out everything. Profiles have a time before all events, so that they are applied first.
func (fn *rememberFn) ProcessElement(ctx context.Context, _ []byte,
	profiles func(beam.EventTime, int32, *aerv1.PackedBatches), findings func(beam.EventTime, Decided)) error {
	p, err := fn.Run.Process(ctx)
	if err != nil {
		return err
	}
	if p.Memory == nil {
		return errors.New("remembering what earlier runs knew: only the process that has started this run has read it")
	}
	for shard, chunks := range p.Memory.Shards {
		for _, chunk := range chunks {
			b := packProfiles(chunk)
			profiles(eventTime(batchMS(b)), int32(shard), packed(b))
		}
	}
	for _, d := range p.Memory.Findings {
		findings(eventTime(d.TimeMS()), d)
	}
	return nil
}

// newsFn leaves out what earlier runs have decided already.
type newsFn struct{}

func (fn *newsFn) ProcessElement(d Decided, emit func(Decided)) {
	if d.Before == nil {
		emit(d)
	}
}
