// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"context"
	"errors"
	"runtime"

	"github.com/aer-project/aer/pipelines/local"
	core "github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/decision"
	"github.com/aer-project/aer/transforms/detector"
)

// Rolling builds the versions that the events themselves would have led to: one for each UTC day of event time, from
// the activity before it, as a daily job in production does. It reads the files once; a second reading then detects.
func Rolling(ctx context.Context, in Events, l Learn) (out Learned, err error) {
	h, err := Record(ctx, in, l, true)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	return h.Rolling(ctx, l.Leave)
}

// RollingClean is Rolling that also leaves out what the same replay responds to: it detects with what all activity
// teaches, and derives the versions again without the days of those decisions. It takes the time of one more replay.
func RollingClean(
	ctx context.Context, in Events, l Learn, d *detector.Set, decide func(core.Source) decision.Config,
) (clean Learned, err error) {
	h, err := Record(ctx, in, l, true)
	if err != nil {
		return clean, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	all, err := h.Rolling(ctx, l.Leave)
	if err != nil {
		return clean, err
	}
	l.stage("finding what not to learn")
	source := core.NewVersions(all.Versions)
	cfg := local.Config{Detectors: d, Baseline: source, Workers: runtime.GOMAXPROCS(0)}
	attacked, err := Attacked(ctx, in, cfg, decide(source), l.Progress)
	if err != nil {
		return clean, err
	}
	return h.Rolling(ctx, attacked)
}
