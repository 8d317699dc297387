// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aer-project/aer/cmd/aer/setup"
	"github.com/aer-project/aer/pipelines/bootstrap"
	"github.com/aer-project/aer/transforms/memory"
)

// daysOf reads the value of --bootstrap.
func daysOf(text string) (int, error) {
	days, found := strings.CutSuffix(text, "d")
	n, err := strconv.Atoi(days)
	if err != nil || !found {
		return 0, usagef("--bootstrap %s: want a number of days, such as 30d", text)
	}
	return n, nil
}

// remember reads what the run begins with, and says what that is.
func (a *app) remember(ctx context.Context, r *setup.Parts) (*memory.Packed, error) {
	known, report, err := r.Memory(ctx, func(read, total int64) { a.logf("read %d of %d slices", read, total) })
	if errors.Is(err, bootstrap.ErrNothing) {
		return nil, fmt.Errorf("%w\nLeave --bootstrap out (bootstrap_days: 0) until there are", err)
	}
	if err != nil || known == nil {
		return nil, err
	}
	a.logf("beginning with what is known from %s to %s: %d profiles from %d slices, %d findings, %d decisions",
		report.From.Format(time.DateTime), report.Newest.Format(time.DateTime), report.Profiles, report.Slices,
		report.Findings, report.Decisions)
	if report.Decisions > 0 && report.Findings == 0 {
		a.logf("warning: the warehouse has decisions and no findings, as versions before 0.2.0 wrote it: cooldowns, common " +
			"causes and budgets begin empty")
	}
	return known, nil
}
