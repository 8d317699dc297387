package response_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/notify/channels"
	"github.com/aer-project/aer/sinks/response"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
)

// TestManyResponsesAtOnce: eight people of one organisation are signed out. Each gets a mail at once, the admin five mails and
// one digest of three; a link leads to the decision; and each reset is one OCSF event. A restart in the middle loses nothing.
func TestManyResponsesAtOnce(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	messages := channels.DefaultConfig()
	messages.Style = notify.Style{Link: "https://aer.example.com/d/{decision}"}
	events, err := audit.Open(ctx, audit.Config{Sinks: []audit.SinkConfig{{Kind: audit.KindFile, Format: audit.FormatOCSF, Path: "ocsf.ndjson"}}}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = events.Close() }()
	open := func() *response.Embedded {
		e, err := response.OpenEmbedded(ctx, dir, response.EmbeddedOptions{Now: func() time.Time { return sinktest.T0 }, Messages: &messages, Audit: events})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	e := open()
	people := []*aerv1.Person{{UserId: "U9", Name: "Sam", Email: "sam@acme.example", Roles: []string{aerv1.RoleSecurityAdmin}}}
	for i := range 8 {
		people = append(people, &aerv1.Person{UserId: fmt.Sprint("U", i), Email: fmt.Sprintf("u%d@acme.example", i)})
	}
	if err := directory.New(e.Store).Put(ctx, &aerv1.Directory{OrgId: "O1", People: people}); err != nil {
		t.Fatal(err)
	}
	chosen := &aerv1.Settings{OrgId: "O1", Version: "v1", Notify: &aerv1.NotifySettings{SecurityAdmins: &aerv1.Channels{Email: true}}}
	if err := stored.New(e.Store).Put(ctx, chosen, ""); err != nil {
		t.Fatal(err)
	}
	for range 2 { // every response is asked for twice
		for i := range 8 {
			a, d := respondTo("O1", fmt.Sprint("U", i), fmt.Sprint("D", i))
			if err := e.Respond(ctx, a, d); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	if err := open().Close(); err != nil {
		t.Fatal(err)
	}
	own, admin := mails(t, dir, "U9")
	digest := strings.Join(admin, "")
	if len(own) != 8 || len(admin) != 6 || strings.Count(digest, "https://aer.example.com/d/D") < 8 {
		t.Errorf("%d mails to the people, %d to the admin, want 8 and 6:\n%s", len(own), len(admin), digest)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "ocsf.ndjson"))
	if err != nil || bytes.Count(raw, []byte(`"type_uid":300202`)) != 8 || bytes.Count(raw, []byte("\n")) != 8 {
		t.Errorf("events are %s, %v", raw, err)
	}
}

// mails returns the mails in the outbox to the admin and to the others.
func mails(t *testing.T, dir, admin string) (others, admins []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, response.OutboxName, "*.eml"))
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
