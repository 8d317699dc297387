package warehouse

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// AppendBaselines writes versions into the baseline tables, one row per row of the version.
func AppendBaselines(ctx context.Context, w Writer, versions ...*aerv1.Baseline) error {
	for _, v := range versions {
		for i, rows := range baselineRows(v) {
			if err := w.Append(ctx, baselineTables[i], rows...); err != nil {
				return fmt.Errorf("saving baseline %s: %w", v.Version, err)
			}
		}
	}
	return nil
}

var baselineTables = []Table{BaselinesOrg, BaselinesUser, BaselinesFingerprint, BaselinesMethod, BaselinesClient}

// baselineRows gives the rows for each of baselineTables.
func baselineRows(v *aerv1.Baseline) [5][]proto.Message {
	row := func() *aerv1.BaselineRow {
		return &aerv1.BaselineRow{Version: v.Version, ValidFrom: v.ValidFrom, ValidUntil: v.ValidUntil}
	}
	var out [5][]proto.Message
	add := func(i int, r *aerv1.BaselineRow) { out[i] = append(out[i], r) }
	for _, x := range v.Orgs {
		r := row()
		r.Org = x
		add(0, r)
	}
	for _, x := range v.Users {
		r := row()
		r.User = x
		add(1, r)
	}
	for _, x := range v.Fingerprints {
		r := row()
		r.Fingerprint = x
		add(2, r)
	}
	for _, x := range v.Methods {
		r := row()
		r.Method = x
		add(3, r)
	}
	for _, x := range v.Clients {
		r := row()
		r.Client = x
		add(4, r)
	}
	return out
}
