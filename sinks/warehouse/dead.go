// SPDX-License-Identifier: Apache-2.0

package warehouse

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// ReasonBadRow is the reason of a dead letter about a row that its table does not take.
const ReasonBadRow = "bad_row"

// deadBytesMax is how much of a row a dead letter keeps, as of a message that is no event.
const deadBytesMax = 64 << 10

// DeadRow makes a dead letter of a row that its table does not take: the row as JSON, and why. The same row gives the
// same letter.
func DeadRow(table Table, row proto.Message, why string, at time.Time) (*aerv1.DeadLetter, error) {
	raw, err := aerv1.MarshalJSONLine(row)
	if err != nil {
		return nil, fmt.Errorf("making a dead letter of a row of %s: %w", table, err)
	}
	return &aerv1.DeadLetter{
		Id: aerv1.NewID("dead_letter", "warehouse", string(table), string(raw)), Raw: raw[:min(len(raw), deadBytesMax)],
		Size: uint32(len(raw)), Truncated: len(raw) > deadBytesMax, Reason: ReasonBadRow, Detail: why,
		Source: "warehouse " + string(table), ReceivedAt: aerv1.Time(at),
	}, nil
}
