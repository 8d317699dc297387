package scenario

import (
	"fmt"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Propose writes what was decided in the form of expect.txt, with the whole reasons, and how many findings were folded.
func Propose(findings int, decisions []*aerv1.Decision) string {
	var b strings.Builder
	for _, d := range decisions {
		fmt.Fprintf(&b, "%s : %s\n", head(d), d.GetReason())
	}
	fmt.Fprintf(&b, "folded %d\n", findings-len(decisions))
	return b.String()
}

func head(d *aerv1.Decision) string {
	who := d.GetOrgId() + "/" + d.GetUserId()
	switch d.GetActorKind() {
	case "":
	case aerv1.ActorApp:
		who += "/app:" + d.GetAppId()
	default:
		who += "/" + d.GetActorKind()
	}
	s := fmt.Sprintf("%s %s %s %s", formatTime(d.GetTime().AsTime()), who, d.GetAnomalyType(), d.GetOutcome())
	if d.GetEscalate() {
		s += " escalate"
	}
	return s
}

// Check compares a story's decisions with its expectation. It returns nil if they agree, else what differs and the
// proposal. Every decision needs its line; of the reason a line quotes as many words as it likes.
func (s *Story) Check() error {
	decisions := s.Run()
	proposal := Propose(len(s.Findings), decisions)
	var want []string
	for line := range strings.Lines(s.Expect) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			want = append(want, line)
		}
	}
	if len(want) == 0 {
		return fmt.Errorf("expect.txt is empty; if this is right, paste it:\n%s", proposal)
	}
	got := strings.Split(strings.TrimSpace(proposal), "\n")
	var wrong []string
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(want):
			wrong = append(wrong, "not expected: "+got[i])
		case i >= len(got):
			wrong = append(wrong, "missing: "+want[i])
		case !agrees(want[i], got[i]):
			wrong = append(wrong, "want "+want[i]+"\n     got  "+got[i])
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s\nthe proposal:\n%s", strings.Join(wrong, "\n"), proposal)
}

func agrees(want, got string) bool {
	wantHead, wantReason, _ := strings.Cut(want, " :")
	gotHead, gotReason, _ := strings.Cut(got, " :")
	return strings.Join(strings.Fields(wantHead), " ") == gotHead && strings.Contains(gotReason, strings.TrimSpace(wantReason))
}
