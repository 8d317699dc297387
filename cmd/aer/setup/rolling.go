package setup

import (
	"context"
	"errors"
	"runtime"

	base "github.com/aer-project/aer/cmd/aer/baseline"
	"github.com/aer-project/aer/pipelines/local"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/event"
)

// Rolling builds the baselines that the events themselves would have led to, see baseline.Rolling.
func (j *Judge) Rolling(ctx context.Context, paths []string, opt event.Options, progress func(read, total int64)) ([]*aerv1.Baseline, error) {
	return j.RollingWithout(ctx, paths, opt, base.Learn{Progress: progress})
}

// RollingWithout is Rolling without what l leaves out.
func (j *Judge) RollingWithout(ctx context.Context, paths []string, opt event.Options, l base.Learn) ([]*aerv1.Baseline, error) {
	out, err := base.Rolling(ctx, j.History(paths, opt), l)
	return out.Versions, err
}

// RollingClean is RollingWithout that also leaves out what the same replay responds to: it detects with what all activity
// teaches, and derives the versions again without the days of those decisions. It takes the time of one more replay.
func (j *Judge) RollingClean(ctx context.Context, paths []string, opt event.Options, l base.Learn) (versions []*aerv1.Baseline, err error) {
	in := j.History(paths, opt)
	h, err := base.Record(ctx, in, l)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	all, err := h.Rolling(ctx, l.Leave)
	if err != nil {
		return nil, err
	}
	if l.Stage != nil {
		l.Stage("finding what not to learn")
	}
	source := baseline.NewVersions(all.Versions)
	cfg := local.Config{Detectors: j.Detectors, Baseline: source, Workers: runtime.GOMAXPROCS(0)}
	attacked, err := base.Attacked(ctx, in, cfg, j.Decide(aerv1.ModeReplay, source, nil), l.Progress)
	if err != nil {
		return nil, err
	}
	clean, err := h.Rolling(ctx, attacked)
	return clean.Versions, err
}

// History is files of events as what baselines are made from.
func (j *Judge) History(paths []string, opt event.Options) base.Events {
	return base.Events{Paths: paths, Decode: opt, Enrich: j.Enricher.Enrich}
}
