// SPDX-License-Identifier: Apache-2.0

// Package explain tells the whole story of one anomaly: its evidence, each gate of the decision, and what was done.
package explain

import (
	"fmt"
	"path/filepath"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
)

// nearby is how far before and after an anomaly the same user's other anomalies are part of its story: the time within
// which findings belong to one episode.
const nearby = 24 * time.Hour

// Story is one anomaly and all that followed from it.
type Story struct {
	Anomaly       *aerv1.Anomaly
	Decision      *aerv1.Decision // nil if there is none
	Response      *aerv1.Response // nil if nothing was carried out
	Notifications []*aerv1.Notification
	// Audit is the entry about the response, or nil.
	Audit *aerv1.AuditEntry
	// Others are the same user's anomalies within a day, in order of time, with their decisions if any.
	Others []Found
	// Feedback is what people found out about the anomaly.
	Feedback []*aerv1.Feedback
}

// Load finds the anomaly whose id begins with prefix in the files of dir.
func Load(dir, prefix string) (*Story, error) {
	if err := hasAnomalies(dir); err != nil {
		return nil, fmt.Errorf("looking for the anomaly: %w", err)
	}
	all, err := Results(dir)
	if err != nil {
		return nil, fmt.Errorf("looking for the anomaly: %w", err)
	}
	s := &Story{}
	if err := s.find(all, filepath.Join(dir, AnomaliesFile), strings.ToLower(prefix)); err != nil {
		return nil, err
	}
	for _, f := range all {
		if s.isNear(f.Anomaly) {
			s.Others = append(s.Others, f)
		}
	}
	said, err := feedback.Read(dir)
	if err != nil {
		return nil, err
	}
	s.Feedback = feedback.Of(said, s.Anomaly.GetOrgId(), s.Anomaly.GetId())
	return s, s.loadResponse(dir)
}

// find sets the one anomaly whose id begins with prefix, of those in a file.
func (s *Story) find(all []Found, path, prefix string) error {
	n := 0
	for _, f := range all {
		if strings.HasPrefix(f.Anomaly.GetId(), prefix) {
			n++
			s.Anomaly, s.Decision = f.Anomaly, f.Decision
		}
	}
	switch n {
	case 0:
		return fmt.Errorf("%s has no anomaly whose id begins with %q; aer explain --dir %s lists those that it has", path,
			prefix, filepath.Dir(path))
	case 1:
		return nil
	}
	return fmt.Errorf("%d anomalies of %s have ids that begin with %q: give more of the id", n, path, prefix)
}

func (s *Story) isNear(a *aerv1.Anomaly) bool {
	if a.GetId() == s.Anomaly.GetId() || a.GetUserId() != s.Anomaly.GetUserId() || a.GetOrgId() != s.Anomaly.GetOrgId() {
		return false
	}
	return a.GetTime().AsTime().Sub(s.Anomaly.GetTime().AsTime()).Abs() <= nearby
}

// loadResponse finds what was done. The files of responses and notifications exist only where responses were carried
// out.
func (s *Story) loadResponse(dir string) error {
	if s.Decision == nil {
		return nil
	}
	if err := Read(dir, ResponsesFile, func(r *aerv1.Response) {
		if r.GetDecisionId() == s.Decision.GetId() && r.GetOrgId() == s.Decision.GetOrgId() {
			s.Response = r // a later line of the same response is its later state
		}
	}); err != nil {
		return err
	}
	if err := Read(dir, AuditFile, func(e *aerv1.AuditEntry) {
		if s.Response != nil && e.GetDetails().GetDecisionId() == s.Response.GetDecisionId() &&
			e.GetContext().GetLocation().GetId() == s.Response.GetOrgId() {
			s.Audit = e
		}
	}); err != nil {
		return err
	}
	seen := map[string]bool{}
	return Read(dir, NotificationsFile, func(n *aerv1.Notification) {
		if s.Response != nil && n.GetResponseId() == s.Response.GetId() && n.GetOrgId() == s.Response.GetOrgId() &&
			!seen[n.GetId()] {
			seen[n.GetId()] = true
			s.Notifications = append(s.Notifications, n)
		}
	})
}
