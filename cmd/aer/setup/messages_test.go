// SPDX-License-Identifier: Apache-2.0

package setup

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aer-project/aer/cmd/aer/config"
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
)

// TestManyResponsesAtOnce: eight people of one organisation are signed out. Each gets a mail at once, the admin five
// mails and one digest of three; a link leads to the decision; and each reset is one OCSF event. A restart in the
// middle loses nothing.
func TestManyResponsesAtOnce(t *testing.T) {
	c := config.Default()
	c.Mode, c.Out, c.Warehouse.Kind = aerv1.ModeEnforce, t.TempDir(), config.WarehouseNone
	c.Notify.Style.Link = "https://aer.example.com/d/{decision}"
	c.Audit.Sinks = []audit.SinkConfig{{Kind: audit.KindFile, Format: audit.FormatOCSF, Path: "ocsf.ndjson"}}
	c.Settings, c.Directory = filepath.Join(t.TempDir(), "settings.yaml"), filepath.Join(t.TempDir(), "directory.yaml")
	people := "orgs: {O1: {people: {U9: {name: Sam, email: sam@acme.example, roles: [security_admin]}"
	for i := range 8 {
		people += fmt.Sprintf(", U%d: {email: u%d@acme.example}", i, i)
	}
	for path, text := range map[string]string{c.Settings: "orgs: {O1: {notify: {security_admins: {email: true}}}}",
		c.Directory: people + "}}}"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(do func(*Parts)) {
		t.Helper()
		p, err := Build(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		do(p)
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
	var all []*aerv1.Decision
	anomalies := map[string]*aerv1.Anomaly{}
	for i := range 8 {
		d := reset(fmt.Sprint("D", i))
		d.Anomaly.UserId, d.Decision.UserId = fmt.Sprint("U", i), fmt.Sprint("U", i)
		all, anomalies[d.Decision.GetId()] = append(all, d.Decision), d.Anomaly
	}
	run(func(p *Parts) {
		for range 2 { // every response is asked for twice
			for _, d := range all {
				if err := p.Output.Responder.Respond(t.Context(), anomalies[d.GetId()], d); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
	run(func(*Parts) {})
	own, admin := mails(t, c.Out, "U9")
	digest := strings.Join(admin, "")
	if len(own) != 8 || len(admin) != 6 || strings.Count(digest, "https://aer.example.com/d/D") < 8 {
		t.Errorf("%d mails to the people, %d to the admin, want 8 and 6:\n%s", len(own), len(admin), digest)
	}
	raw, err := os.ReadFile(filepath.Join(c.Out, "ocsf.ndjson"))
	// and one of changed settings
	if err != nil || bytes.Count(raw, []byte(`"type_uid":300202`)) != 8 || bytes.Count(raw, []byte("\n")) != 9 {
		t.Errorf("events are %s, %v", raw, err)
	}
}

// mails returns the mails in the outbox to the admin and to the others.
func mails(t *testing.T, dir, admin string) (others, admins []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, OutboxName, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		// Long lines are folded on the wire.
		text := strings.NewReplacer("=\r\n", "", "=\n", "").Replace(string(raw))
		if strings.Contains(filepath.Base(f), "email-"+admin+"-") {
			admins = append(admins, text)
		} else {
			others = append(others, text)
		}
	}
	return others, admins
}
