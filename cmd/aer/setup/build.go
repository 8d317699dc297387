// SPDX-License-Identifier: Apache-2.0

// Package setup is the one wiring: Build connects what a configuration names. Runs, their workers in other processes,
// the demo, replays and measurements all go through it; what is connected knows none of the choices made here.
package setup

import (
	"context"
	"errors"

	"github.com/aer-project/aer/cmd/aer/config"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/settings/follow"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector"
	"github.com/aer-project/aer/transforms/enrich"
)

// Parts is a configuration, connected. Close it when what runs on it has ended.
type Parts struct {
	Enricher  *enrich.Enricher
	Detectors *detector.Set
	// Baselines is the file of the configuration. In mode replay there is none: replays derive their own.
	Baselines baseline.Source
	// Chosen, Directories and Warnings are of files that were read for a replay, and what was left out of them.
	Chosen      []*aerv1.Settings
	Directories []*aerv1.Directory
	Warnings    []string
	// Output is where results go. It is empty in mode replay, whose results are its caller's.
	Output sinks.Output
	// Ledger is the store of responses, and of the sessions if no platform keeps them; nil unless enforcing.
	Ledger kv.Store
	// Resume carries on with responses that an earlier run began, and says how many it completed; nil unless enforcing.
	Resume func(context.Context) (int, error)

	c        config.Config
	copies   *copies  // nil if no file is in Cloud Storage
	store    kv.Store // of settings and people
	files    *follow.Files
	chosen   *follow.Follower
	baseline *baseline.File
	audit    *audit.Audit
	trail    *trail.File
	changes  []delivery
	feedback *feedback.Rows
	rows     warehouse.Reader // nil without a database
	secrets  *secret.Loader
	sessions sessions.Sessions
	messages *channels.Messenger
	response *response.Responder
	closers  []func() error
}

// A step opens one part and leaves what closes it.
type step func(context.Context) error

// Build opens what the configuration names, in order; when a step fails, what was opened before is closed.
func Build(ctx context.Context, c config.Config) (*Parts, error) {
	p := &Parts{c: c}
	if err := p.open(ctx, p.steps()); err != nil {
		return nil, err
	}
	return p, nil
}

// steps is the order in which parts are opened: each needs those before it, and is closed before them.
func (p *Parts) steps() []step {
	if p.c.Mode == aerv1.ModeReplay {
		return []step{p.openLists, p.readFiles}
	}
	steps := []step{p.openFiles, p.openLists, p.openStore, p.follow, p.openBaselines, p.openAudit, p.openWarehouse,
		p.openChanges}
	if p.c.Mode == aerv1.ModeEnforce {
		steps = append(steps, p.openLedger, p.openTrail, p.openSecrets, p.openSessions, p.openMessages, p.openResponder)
	}
	return append(steps, p.startBackground)
}

func (p *Parts) open(ctx context.Context, steps []step) error {
	for _, open := range steps {
		if err := open(ctx); err != nil {
			return errors.Join(err, p.Close())
		}
	}
	return nil
}

// closing has a part closed with the others.
func (p *Parts) closing(do func() error) { p.closers = append(p.closers, do) }

// Close closes everything that was opened, the last first.
func (p *Parts) Close() error {
	var errs []error
	for i := len(p.closers) - 1; i >= 0; i-- {
		errs = append(errs, p.closers[i]())
	}
	p.closers = nil
	return errors.Join(errs...)
}
