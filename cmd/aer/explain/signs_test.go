// SPDX-License-Identifier: Apache-2.0

package explain

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/transforms/decision"
)

// TestCorroborationIsReadable takes the evidence as decisions write it, so that the two cannot drift apart.
func TestCorroborationIsReadable(t *testing.T) {
	at := aerv1.Time(sinktest.T0)
	weak := func(id, kind, sign, figures string) *aerv1.Anomaly {
		return &aerv1.Anomaly{
			Id: id, Type: kind, OrgId: "O1", UserId: "U1", SessionIds: []string{"S1"}, Time: at, KnownAt: at,
			Confidence: 0.85, LogOnly: true,
			EpisodeKey: id, Evidence: &aerv1.Evidence{FormulaFilled: figures, Signs: []*aerv1.Sign{{Code: sign, Weight: 0.8}}},
		}
	}
	emitted, _ := decision.Replay([]*aerv1.Anomaly{
		weak("aaaa1111-0", aerv1.TypeSessionFingerprint, "stale_cookie", "1 - (1 - 0.8) = 0.8"),
		weak("bbbb2222-0", aerv1.TypeUnexpectedUserAgent, "class_new", "library, never seen before"),
	}, decision.Config{Mode: aerv1.ModeObserve})
	last := emitted[len(emitted)-1]
	if !findings(last.GetEvidence().GetSigns()) || len(last.GetEvidence().GetSigns()) != 2 {
		t.Fatalf("no corroboration that can be read: %v", last)
	}
	s := &Story{Anomaly: last, Others: []Found{{Anomaly: emitted[0]}}}
	var text bytes.Buffer
	s.Print(term.New(&text))
	for _, want := range []string{"this one", "aaaa1111  ", "1 - (1 - 0.8) = 0.8", "library, never seen before"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "not listed") {
		t.Errorf("both are in the files:\n%s", text.String())
	}
	text.Reset()
	s.Others = nil
	s.Print(term.New(&text))
	if !strings.Contains(text.String(), "not listed: below") {
		t.Errorf("what cannot be asked for is not said:\n%s", text.String())
	}
}
