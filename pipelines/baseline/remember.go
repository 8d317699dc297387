// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/event"
	"github.com/aer-project/aer/transforms/profile"
)

// Remember makes the profile of one person from the events before a time, as the pipeline would have it then; nil if
// there are none.
func Remember(in Events, orgID, userID string, before time.Time) (p *profile.Profile, err error) {
	files, err := event.OpenFiles(in.Paths, in.Decode)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, files.Close()) }()
	windows := map[int64]*activity.Accumulator{}
	for ev, dead := range files.All() {
		if dead != nil || ev.OrgId != orgID || ev.UserId != userID || !ev.Time.AsTime().Before(before) {
			continue
		}
		if who, counts := aerv1.PrincipalOfEvent(ev); !counts || !who.Person() {
			continue // an app, or somebody who was refused: nothing of it is in the person's profile but a count of attempts
		}
		if ev, err = own(ev); err != nil {
			return nil, err
		}
		in.Enrich(ev)
		start := activity.WindowStartMS(ev.Time.AsTime().UnixMilli(), activity.DefaultWindowMS)
		if windows[start] == nil {
			windows[start] = activity.NewAccumulator(activity.DefaultWindowMS)
		}
		windows[start].Add(ev)
	}
	if err := files.Err(); err != nil || len(windows) == 0 {
		return nil, err
	}
	p = profile.New(aerv1.OrgID(orgID), aerv1.UserID(userID))
	for _, start := range slices.Sorted(maps.Keys(windows)) {
		for _, s := range windows[start].Batch().Slices {
			profile.Apply(p, s)
		}
	}
	return p, nil
}

// own is a copy of an event with texts of its own: those of a decoder keep their neighbours' alive, and the events of
// one person are far between.
func own(ev *aerv1.Event) (*aerv1.Event, error) {
	raw, err := ev.MarshalVT()
	if err != nil {
		return nil, fmt.Errorf("copying an event: %w", err)
	}
	out := &aerv1.Event{}
	if err := out.UnmarshalVT(raw); err != nil {
		return nil, fmt.Errorf("copying an event: %w", err)
	}
	return out, nil
}
