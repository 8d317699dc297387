package transforms

import aerv1 "github.com/aer-project/aer/schemas/aer/v1"

// Detection says how slices and events are judged.
type Detection struct{}

type judge struct{}

func newJudge(Detection) (*judge, error) { return &judge{}, nil }

func (j *judge) slice(p *aerv1.Profile, s *aerv1.Slice) []*aerv1.Anomaly {
	return []*aerv1.Anomaly{{Id: s.OrgId + s.UserId, Count: s.Events, UserId: s.UserId, OrgId: s.OrgId}}
}
