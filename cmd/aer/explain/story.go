// Package explain tells the whole story of one anomaly: its evidence, each gate of the decision, and what was done.
package explain

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/schemas/ndjson"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
)

// Names of the files in an output directory.
const (
	AnomaliesFile     = "anomalies.ndjson"
	DecisionsFile     = "decisions.ndjson"
	ResponsesFile     = "responses.ndjson"
	NotificationsFile = "notifications.ndjson"
	AuditFile         = "audit_log.ndjson"
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
	Others []Other
	// Feedback is what people found out about the anomaly.
	Feedback []*aerv1.Feedback
}

// Other is another anomaly of the same user.
type Other struct {
	Anomaly  *aerv1.Anomaly
	Decision *aerv1.Decision
}

// Load finds the anomaly whose id begins with prefix in the files of dir.
func Load(dir, prefix string) (*Story, error) {
	s := &Story{}
	anomalies := filepath.Join(dir, AnomaliesFile)
	if err := hasAnomalies(dir); err != nil {
		return nil, fmt.Errorf("looking for the anomaly: %w", err)
	}
	if err := s.find(anomalies, strings.ToLower(prefix)); err != nil {
		return nil, err
	}
	decisions := map[string]*aerv1.Decision{}
	if err := optional(dir, DecisionsFile, func(d *aerv1.Decision) {
		if d.GetUserId() == s.Anomaly.GetUserId() && d.GetOrgId() == s.Anomaly.GetOrgId() {
			decisions[d.GetAnomalyId()] = d
		}
	}); err != nil {
		return nil, err
	}
	s.Decision = decisions[s.Anomaly.GetId()]
	seen := map[string]bool{} // a retried write may repeat a line
	err := ndjson.EachMessage(anomalies, func(a *aerv1.Anomaly) {
		if s.isNear(a) && !seen[a.GetId()] {
			seen[a.GetId()] = true
			s.Others = append(s.Others, Other{a, decisions[a.GetId()]})
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.Others, func(a, b Other) int { return a.Anomaly.GetTime().AsTime().Compare(b.Anomaly.GetTime().AsTime()) })
	said, err := feedback.Read(dir)
	if err != nil {
		return nil, err
	}
	s.Feedback = feedback.Of(said, s.Anomaly.GetOrgId(), s.Anomaly.GetId())
	return s, s.loadResponse(dir)
}

// find sets the one anomaly whose id begins with prefix.
func (s *Story) find(path, prefix string) error {
	ids := map[string]bool{}
	err := ndjson.EachMessage(path, func(a *aerv1.Anomaly) {
		if strings.HasPrefix(a.GetId(), prefix) {
			ids[a.GetId()] = true
			s.Anomaly = a
		}
	})
	switch {
	case err != nil:
		return fmt.Errorf("looking for the anomaly: %w", err)
	case len(ids) == 0:
		return fmt.Errorf("%s has no anomaly whose id begins with %q; aer explain --dir %s lists those that it has", path, prefix, filepath.Dir(path))
	case len(ids) > 1:
		return fmt.Errorf("%d anomalies of %s have ids that begin with %q: give more of the id", len(ids), path, prefix)
	}
	return nil
}

func (s *Story) isNear(a *aerv1.Anomaly) bool {
	if a.GetId() == s.Anomaly.GetId() || a.GetUserId() != s.Anomaly.GetUserId() || a.GetOrgId() != s.Anomaly.GetOrgId() {
		return false
	}
	return a.GetTime().AsTime().Sub(s.Anomaly.GetTime().AsTime()).Abs() <= nearby
}

// loadResponse finds what was done. The files of responses and notifications exist only where responses were carried out.
func (s *Story) loadResponse(dir string) error {
	if s.Decision == nil {
		return nil
	}
	if err := optional(dir, ResponsesFile, func(r *aerv1.Response) {
		if r.GetDecisionId() == s.Decision.GetId() && r.GetOrgId() == s.Decision.GetOrgId() {
			s.Response = r // a later line of the same response is its later state
		}
	}); err != nil {
		return err
	}
	if err := optional(dir, AuditFile, func(e *aerv1.AuditEntry) {
		if s.Response != nil && e.GetDetails().GetDecisionId() == s.Response.GetDecisionId() && e.GetContext().GetLocation().GetId() == s.Response.GetOrgId() {
			s.Audit = e
		}
	}); err != nil {
		return err
	}
	seen := map[string]bool{}
	return optional(dir, NotificationsFile, func(n *aerv1.Notification) {
		if s.Response != nil && n.GetResponseId() == s.Response.GetId() && n.GetOrgId() == s.Response.GetOrgId() && !seen[n.GetId()] {
			seen[n.GetId()] = true
			s.Notifications = append(s.Notifications, n)
		}
	})
}

// Message is a pointer to M that is a message, for functions that read files of them.
type Message[M any] interface {
	*M
	message
}

func optional[M any, P Message[M]](dir, name string, do func(P)) error {
	path := filepath.Join(dir, name)
	if !ndjson.Exists(path) {
		return nil
	}
	return ndjson.EachMessage(path, do)
}
