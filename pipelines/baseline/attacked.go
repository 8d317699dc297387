// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
	"errors"

	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/event"
)

// Attacked replays events and gives the periods that were responded to, or would have been: what later versions must
// not learn. It is a function of events and configuration alone.
func Attacked(ctx context.Context, in Events, cfg local.Config, decide decision.Config,
	progress func(read, total int64)) (periods []Period, err error) {
	files, err := event.OpenFiles(in.Paths, in.Decode)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	cfg.Enrich = in.Enrich
	a := attacked{periodReader: newPeriodReader()}
	if _, err := local.Replay(ctx, files, cfg, decide, &a, progress); err != nil {
		return nil, err
	}
	return a.all(), nil
}

// attacked is the output of a replay that keeps periods only.
type attacked struct {
	local.Discard
	periodReader
}

func (a *attacked) Anomaly(x *aerv1.Anomaly) error {
	a.anomalyWindow(x)
	return nil
}

func (a *attacked) Decision(d *aerv1.Decision) error {
	a.verdictOf(d)
	return nil
}
