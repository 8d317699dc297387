// SPDX-License-Identifier: Apache-2.0

package warehouse

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// AppendBaselines writes versions into the baseline tables, one row per row of the version, and last the row that says
// that it is complete.
func AppendBaselines(ctx context.Context, w Writer, versions ...*aerv1.Baseline) error {
	for _, v := range versions {
		for _, part := range baselineRows(v) {
			if err := w.Append(ctx, part.table, part.rows...); err != nil {
				return fmt.Errorf("saving baseline %s: %w", v.Version, err)
			}
		}
	}
	return nil
}

// baselinePart is the rows of a version in one table.
type baselinePart struct {
	table Table
	rows  []proto.Message
}

// baselineRows gives the rows of a version by table, BaselinesVersion last.
func baselineRows(v *aerv1.Baseline) []baselinePart {
	live := make([]proto.Message, len(v.Live))
	for i, x := range v.Live {
		live[i] = x
	}
	info := &aerv1.BaselineVersion{HabitDays: v.HabitDays, LagDays: v.LagDays}
	return []baselinePart{
		{BaselinesOrg, rowsOf(v, v.Orgs, func(r *aerv1.BaselineRow, x *aerv1.BaselineOrg) { r.Org = x })},
		{BaselinesUser, rowsOf(v, v.Users, func(r *aerv1.BaselineRow, x *aerv1.BaselineUser) { r.User = x })},
		{BaselinesFingerprint,
			rowsOf(v, v.Fingerprints, func(r *aerv1.BaselineRow, x *aerv1.BaselineFingerprint) { r.Fingerprint = x })},
		{BaselinesMethod, rowsOf(v, v.Methods, func(r *aerv1.BaselineRow, x *aerv1.BaselineMethod) { r.Method = x })},
		{BaselinesClient, rowsOf(v, v.Clients, func(r *aerv1.BaselineRow, x *aerv1.BaselineClient) { r.Client = x })},
		{BaselinesHour, rowsOf(v, v.Hours, func(r *aerv1.BaselineRow, x *aerv1.BaselineHour) { r.Hour = x })},
		{BaselinesUserClient,
			rowsOf(v, v.UserClients, func(r *aerv1.BaselineRow, x *aerv1.BaselineUserClient) { r.UserClient = x })},
		{BaselinesUserNetwork,
			rowsOf(v, v.UserNetworks, func(r *aerv1.BaselineRow, x *aerv1.BaselineUserNetwork) { r.UserNetwork = x })},
		{BaselinesLive, live},
		{BaselinesVersion,
			rowsOf(v, []*aerv1.BaselineVersion{info}, func(r *aerv1.BaselineRow, x *aerv1.BaselineVersion) { r.Info = x })},
	}
}

// rowsOf wraps rows of one kind; set puts one into the row's member.
func rowsOf[M any](v *aerv1.Baseline, list []*M, set func(*aerv1.BaselineRow, *M)) []proto.Message {
	out := make([]proto.Message, len(list))
	for i, x := range list {
		r := &aerv1.BaselineRow{Version: v.Version, ValidFrom: v.ValidFrom, ValidUntil: v.ValidUntil}
		set(r, x)
		out[i] = r
	}
	return out
}
