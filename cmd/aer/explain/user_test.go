// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"regexp"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

func userStory(o aerv1.Decision_Outcome) *Story {
	return &Story{
		Anomaly: &aerv1.Anomaly{Id: "A1", Type: aerv1.TypeExcessiveDownloads, OrgId: "O1", UserId: "U1",
			Evidence: &aerv1.Evidence{
				Signal: "distinct_downloads_1h", Observed: 987, Threshold: 543, Formula: "max(F, a x p90)", BaselineVersion: "b-77",
			}},
		Decision: &aerv1.Decision{Id: "D1", OrgId: "O1", UserId: "U1", Outcome: o, Reason: "987 against 543",
			Recommendation: "987"},
	}
}

// Whatever was decided, the plain words hold no number of the evidence.
func TestTheUserLearnsNoThreshold(t *testing.T) {
	secret := regexp.MustCompile(`987|543|distinct_downloads|p90|b-77|threshold`)
	for _, o := range Outcomes() {
		for _, language := range []string{"", "en", "de", "xx"} {
			w, err := userStory(o).ForUser(nil, language)
			if err != nil {
				t.Fatal(err)
			}
			if all := w.Subject + w.Text; secret.MatchString(all) || w.Sent || len(w.Text) < 20 {
				t.Errorf("%s, %q: %s", o, language, all)
			}
		}
	}
	w, err := (&Story{Anomaly: userStory(aerv1.Decision_OFF).Anomaly}).ForUser(nil, "")
	if err != nil || secret.MatchString(w.Text) {
		t.Errorf("without a decision: %v, %v", w, err)
	}
}

func TestTheMailThatWasSentIsWhatIsTold(t *testing.T) {
	s := userStory(aerv1.Decision_RESPOND)
	s.Notifications = []*aerv1.Notification{
		{UserId: "U8", Channel: "email", Subject: "for an admin", Text: "987"},
		{UserId: "U1", Channel: "email", Subject: "You were signed out", Text: "Hello Ada", Language: "en"},
	}
	if w, err := s.ForUser(nil, ""); err != nil || !w.Sent || w.Text != "Hello Ada" {
		t.Errorf("got %v, %v", w, err)
	}
	people := &aerv1.Directory{OrgId: "O1", Name: "Acme", People: []*aerv1.Person{
		{UserId: "U1", Name: "Ada", Language: "de"}, {UserId: "U8", Name: "Olu", Roles: []string{aerv1.RoleSecurityAdmin}},
	}}
	s.Notifications = nil
	if w, err := s.ForUser(people, "en"); err != nil || w.Sent || !strings.Contains(w.Text, "Ada") ||
		!strings.Contains(w.Text, "Olu") {
		t.Errorf("got %v, %v", w, err)
	}
}
