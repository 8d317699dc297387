// SPDX-License-Identifier: Apache-2.0

// Package change edits what an organisation has chosen: one change at a time, valid, attributed, and never over
// somebody else's.
package change

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/kv"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// Editor changes settings in a store on behalf of one person.
type Editor struct {
	Settings stored.Table
	// Author is who makes the change, such as kim@laptop.
	Author string
	Now    time.Time
}

// Result is what a change did. Before and After have equal versions if there was nothing to change.
type Result struct {
	OrgID   aerv1.OrgID           `json:"org_id"`
	Before  string                `json:"version_before"`
	After   string                `json:"version"`
	Changes []settings.Difference `json:"changes"`
}

// Edit makes new settings of the current ones, which it may change in place.
type Edit func(now *aerv1.Settings) (*aerv1.Settings, error)

// attempts is how often a change is made anew because somebody else's came first; a person meets one other, if any.
const attempts = 5

// Current returns the complete settings of an organisation, and the version to name when they are replaced ("" = none
// yet).
func (e Editor) Current(ctx context.Context, org aerv1.OrgID) (now *aerv1.Settings, version string, err error) {
	s, err := e.Settings.Get(ctx, org)
	if errors.Is(err, kv.ErrNotFound) {
		return settings.Default(string(org)), "", nil
	}
	if err != nil {
		return nil, "", err
	}
	return settings.Complete(s), s.GetVersion(), nil
}

// Apply makes a change, again if somebody else changed the settings meanwhile.
func (e Editor) Apply(ctx context.Context, org aerv1.OrgID, edit Edit) (Result, error) {
	var err error
	for range attempts {
		now, version, gerr := e.Current(ctx, org)
		if gerr != nil {
			return Result{}, gerr
		}
		var r Result
		if r, err = e.Replace(ctx, now, version, edit); !errors.Is(err, stored.ErrPrecondition) {
			return r, err
		}
	}
	return Result{}, err
}

// Replace makes a change of the settings now, which are those of the version given; stored.ErrPrecondition if they no
// longer are.
func (e Editor) Replace(ctx context.Context, now *aerv1.Settings, version string, edit Edit) (Result, error) {
	next, err := edit(proto.Clone(now).(*aerv1.Settings))
	if err != nil {
		return Result{}, err
	}
	if next, err = settings.Check(next); err != nil {
		return Result{}, fmt.Errorf("the settings would not be valid: %w", err)
	}
	r := Result{OrgID: aerv1.OrgID(now.GetOrgId()), Before: now.GetVersion(), After: next.GetVersion(),
		Changes: settings.Diff(now, next)}
	if next.GetVersion() == now.GetVersion() {
		return r, nil
	}
	next.ChangedBy, next.ChangedAt = e.Author, aerv1.Time(e.Now)
	return r, e.Settings.Put(ctx, next, version)
}
