package replay

import (
	"context"
	"fmt"

	base "github.com/aer-project/aer/cmd/aer/baseline"
	"github.com/aer-project/aer/cmd/aer/setup"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// rolling builds a version for each day of the events, without what Exclude names and, if Clean is set, without what this
// replay responds to.
func (o Options) rolling(ctx context.Context, j *setup.Judge) ([]*aerv1.Baseline, error) {
	leave, err := base.ReadPeriods(o.Exclude)
	if err != nil {
		return nil, fmt.Errorf("reading what baselines leave out: %w", err)
	}
	l := base.Learn{Leave: leave, Stage: o.Stage, Progress: o.Progress}
	if o.Clean {
		return j.RollingClean(ctx, o.Events, o.Decode, l)
	}
	return j.RollingWithout(ctx, o.Events, o.Decode, l)
}
