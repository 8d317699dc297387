// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"

	"github.com/aer-project/aer/sinks/topic"
)

// published is a Pub/Sub topic with one message a record. The attributes org_id and kind (the action, or "finding") are
// for filters.
type published struct{ *topic.Publisher }

func openTopic(ctx context.Context, c topic.Config, _ string) (lines, error) {
	p, err := topic.Open(ctx, c)
	return published{p}, err
}

func (p published) put(ctx context.Context, l line) error {
	return p.Publish(ctx, l.key, l.data, map[string]string{"org_id": l.org, "kind": l.kind})
}
