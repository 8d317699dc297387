// SPDX-License-Identifier: Apache-2.0

package explain_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/aer-project/aer/cmd/aer/explain"
	"github.com/aer-project/aer/cmd/aer/term"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/response"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
	"github.com/aer-project/aer/sinks/warehouse/feedback"
	"github.com/aer-project/aer/transforms/decision"
)

// marker is a word that only the data of one organisation holds, wherever text can stand.
func marker(i int) string { return fmt.Sprintf("zq%03dqz", i) }

// hostile gives each hostile organisation two findings about one of its users; user and session ids are hostile too,
// and the same ones occur in many organisations.
func hostile() (findings []*aerv1.Anomaly) {
	n := len(sinktest.HostileIDs)
	for i, org := range sinktest.HostileIDs {
		user, session := sinktest.HostileIDs[(i+7)%n], sinktest.HostileIDs[(i+11)%n]
		for j, at := range []time.Duration{0, 10 * time.Minute} {
			known := aerv1.Time(sinktest.T0.Add(at))
			findings = append(findings, &aerv1.Anomaly{
				Id: aerv1.NewID("anomaly", org, user, fmt.Sprint(j)), Type: aerv1.TypeTor, OrgId: org, UserId: user,
				SessionIds: []string{session + fmt.Sprint(j)},
				Time:       known, KnownAt: known, Severity: "high", Reasons: []string{"tor"}, Summary: "seen by " +
					marker(i), Magnitude: 1,
				EpisodeKey: fmt.Sprint(j),
				Evidence: &aerv1.Evidence{Client: &aerv1.Client{
					Ip: "203.0.113.7", UserAgent: "agent " + marker(i), DeviceId: "device " + marker(i),
					Facts: &aerv1.ClientFacts{Tor: true},
				}},
			})
		}
	}
	return findings
}

// platform is one deployment with every hostile organisation on it.
type platform struct {
	world     *sinktest.World
	responder *response.Responder
	rows      *warehouse.NDJSON
	dir       string
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	ctx := context.Background()
	s := sinktest.NewMemory()
	p := &platform{world: sinktest.NewWorld(), dir: t.TempDir()}
	for i, org := range sinktest.HostileIDs {
		user := sinktest.HostileIDs[(i+7)%len(sinktest.HostileIDs)]
		all := &aerv1.Channels{Email: true, Dm: true}
		_, err := stored.Import(ctx, s,
			[]*aerv1.Settings{{OrgId: org, Version: "v-" + marker(i), Notify: &aerv1.NotifySettings{OrgPrimaryOwner: all,
				SecurityAdmins: all}}},
			[]*aerv1.Directory{{OrgId: org, Name: "Org " + marker(i), People: []*aerv1.Person{
				{UserId: user, Name: "Ada " + marker(i), Email: marker(i) + "@user.example"},
				{UserId: "owner", Name: "Olu " + marker(i), Email: marker(i) + "@owner.example",
					Roles: []string{aerv1.RoleOrgPrimaryOwner}},
			}}})
		if err != nil {
			t.Fatal(err)
		}
		p.world.SignIn(org, user, "S1")
	}
	var err error
	if p.rows, err = warehouse.OpenNDJSON(p.dir); err != nil {
		t.Fatal(err)
	}
	p.responder, err = response.New(response.Config{
		Ledger: ledger.New(s), Sessions: p.world, Audit: p.world, Notifier: p.world, Directory: directory.New(s),
		Settings:  stored.New(s),
		Warehouse: p.rows, Now: func() time.Time { return sinktest.T0 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// carryOut writes down what was decided and responds, as the pipeline's sinks do.
func (p *platform) carryOut(t *testing.T, a *aerv1.Anomaly, d *aerv1.Decision) (ended bool) {
	t.Helper()
	ctx := context.Background()
	errs := []error{p.rows.Append(ctx, warehouse.Anomalies, a), p.rows.Append(ctx, warehouse.Decisions, d)}
	if decision.WantsReset(d) {
		errs = append(errs, p.responder.Respond(ctx, a, d))
		ended = true
	}
	f, err := feedback.New(a, "true-positive", "kim", "because", sinktest.T0)
	if err == nil {
		err = feedback.Append(p.dir, f)
	}
	if err := errors.Join(append(errs, err)...); err != nil {
		t.Fatal(err)
	}
	return ended
}

// TestOrganisationsNeverSeeEachOther follows hostile organisations through everything: decide, respond, audit, notify,
// the rows of the warehouse, feedback and explain. Whatever names one of them holds the words of no other.
func TestOrganisationsNeverSeeEachOther(t *testing.T) {
	p := newPlatform(t)
	emitted, decisions := decision.Replay(hostile(), decision.Config{Mode: aerv1.ModeEnforce})
	if len(decisions) != 2*len(sinktest.HostileIDs) {
		t.Fatalf("%d decisions: the findings of two organisations were taken for one's", len(decisions))
	}
	index := map[string]int{}
	for i, org := range sinktest.HostileIDs {
		index[org] = i
	}
	resets := 0
	for i, d := range decisions {
		if d.GetOutcome() == aerv1.Decision_BUDGET_EXHAUSTED {
			t.Fatalf("an organisation spent another's budget: %v", d)
		}
		if p.carryOut(t, emitted[i], d) {
			resets++
		}
	}
	if err := p.rows.Close(); err != nil {
		t.Fatal(err)
	}
	if resets < len(sinktest.HostileIDs) || len(p.world.Audit()) != resets {
		t.Errorf("%d resets, %d audit entries", resets, len(p.world.Audit()))
	}
	for _, e := range p.world.Audit() {
		wantOnly(t, index[e.GetContext().GetLocation().GetId()], jsonOf(t, e))
	}
	for _, n := range p.world.Messages() {
		wantOnly(t, index[n.GetOrgId()], jsonOf(t, n))
	}
	p.wantRows(t)
	for i, d := range decisions {
		p.wantStory(t, emitted[i], index[d.GetOrgId()])
	}
}

// wantRows checks that every line of every file holds the words of one organisation at most.
func (p *platform) wantRows(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.dir, "*.ndjson"))
	if err != nil || len(files) < 6 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(raw)) {
			if found := markers(line); len(found) > 1 {
				t.Errorf("%s: a row holds words of organisations %v", filepath.Base(file), found)
			}
		}
	}
}

// wantStory checks what an analyst and the person are told about one anomaly, as text and as JSON.
func (p *platform) wantStory(t *testing.T, a *aerv1.Anomaly, own int) {
	t.Helper()
	s, err := explain.Load(p.dir, a.GetId())
	if err != nil {
		t.Fatal(err)
	}
	if s.Decision.GetOrgId() != a.GetOrgId() || len(s.Feedback) != 1 || len(s.Others) != 1 {
		t.Errorf("org %.40q: decision of %.40q, %d words of feedback, %d others", a.GetOrgId(), s.Decision.GetOrgId(),
			len(s.Feedback), len(s.Others))
	}
	var out, text bytes.Buffer
	if err := s.WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	words, err := s.ForUser(nil, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Print(term.New(&text))
	words.Print(term.New(&text))
	out.Write(text.Bytes())
	wantOnly(t, own, out.String())
	if !strings.Contains(out.String(), marker(own)) {
		t.Errorf("org %d: its own words are missing", own)
	}
	if strings.ContainsAny(text.String(), "\x00\u202e") {
		t.Errorf("org %d: control characters reach the terminal", own)
	}
}

func jsonOf(t *testing.T, m proto.Message) string {
	t.Helper()
	line, err := aerv1.MarshalJSONLine(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}

func wantOnly(t *testing.T, own int, text string) {
	t.Helper()
	for _, i := range markers(text) {
		if i != own {
			t.Errorf("output of organisation %d holds words of organisation %d:\n%.600s", own, i, text)
		}
	}
}

func markers(text string) (found []int) {
	for i := range sinktest.HostileIDs {
		if strings.Contains(text, marker(i)) {
			found = append(found, i)
		}
	}
	return found
}

// TestErrorsNameNoOtherOrganisation: what is refused is told in the words of whoever asked.
func TestErrorsNameNoOtherOrganisation(t *testing.T) {
	p := newPlatform(t)
	findings := hostile()
	emitted, decisions := decision.Replay(findings[:4], decision.Config{Mode: aerv1.ModeEnforce})
	for i, a := range emitted {
		d := decisions[(i+1)%len(decisions)]
		err := p.responder.Respond(context.Background(), a, d)
		if d.GetAnomalyId() != a.GetId() && !errors.Is(err, response.ErrRefused) {
			t.Errorf("an anomaly was answered with another's decision: %v", err)
		}
		if err != nil && strings.Contains(err.Error(), "zq") {
			t.Errorf("the error quotes data: %v", err)
		}
	}
	if n := len(p.world.Calls()); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	if _, err := explain.Load(p.dir, "x"); err == nil || strings.Contains(err.Error(), "zq") {
		t.Errorf("got %v", err)
	}
}
