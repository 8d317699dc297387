// SPDX-License-Identifier: Apache-2.0

package audit

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/ocsf"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/warehouse"
)

// kindFinding is the kind of a line that is a finding.
const kindFinding = "finding"

// findings is a warehouse.Writer that sends anomalies on as OCSF findings, and drops all other rows: it stands beside
// the writers of the warehouse, where every anomaly comes past.
type findings []lines

// Append implements warehouse.Writer. Delivery is at least once; metadata.uid tells a repeated finding.
func (f findings) Append(ctx context.Context, table warehouse.Table, rows ...proto.Message) error {
	if table != warehouse.Anomalies {
		return nil
	}
	for _, r := range rows {
		a, ok := r.(*aerv1.Anomaly)
		if !ok {
			return retry.Permanent(fmt.Errorf("sending findings: %T is not an anomaly", r))
		}
		data, err := ocsf.Finding(a)
		if err != nil {
			return err
		}
		for _, to := range f {
			if err := to.put(ctx, line{key: ocsf.UID(data), org: a.GetOrgId(), kind: kindFinding, data: data}); err != nil {
				return fmt.Errorf("sending finding %q: %w", a.GetId(), err)
			}
		}
	}
	return nil
}

// Close implements warehouse.Writer. What the findings go to belongs to the Audit.
func (f findings) Close() error { return nil }
