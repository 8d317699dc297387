// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"context"
	"fmt"
	"time"

	"github.com/aer-project/aer/pipelines/bootstrap"
	"github.com/aer-project/aer/transforms/memory"
)

// Memory reads what earlier runs knew from the warehouse, as far back as the configuration says; it is nil where that
// is nowhere. progress is as in bootstrap.Config.
func (p *Parts) Memory(ctx context.Context,
	progress func(read, total int64)) (*memory.Packed, bootstrap.Report, error) {
	if p.c.BootstrapDays == 0 {
		return nil, bootstrap.Report{}, nil
	}
	m, report, err := bootstrap.Read(ctx, bootstrap.Config{
		Rows: p.rows, History: time.Duration(p.c.BootstrapDays) * 24 * time.Hour, Shards: p.c.Slices.ShardCount(),
		Progress: progress,
	})
	if err != nil {
		return nil, report, fmt.Errorf("reading what earlier runs knew: %w", err)
	}
	packed, err := m.Pack()
	return packed, report, err
}
