// SPDX-License-Identifier: Apache-2.0

package response_test

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/audit/trail"
	"github.com/aer-project/aer/sinks/directory"
	"github.com/aer-project/aer/sinks/kv"
	"github.com/aer-project/aer/sinks/ledger"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/response"
	"github.com/aer-project/aer/sinks/sessions"
	stored "github.com/aer-project/aer/sinks/settings"
	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/warehouse"
)

// The child process of TestSIGKILL: the folder it works in, and at which point it kills itself (0 = at none).
const (
	envKillDir = "AER_TEST_KILL_DIR"
	envKillAt  = "AER_TEST_KILL_AT"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(envKillDir); dir != "" {
		child := respondOnFiles
		if servers := os.Getenv(envOutside); servers != "" {
			child = func(dir, killAt string) error { return respondOverTheWire(dir, killAt, servers) }
		}
		if err := child(dir, os.Getenv(envKillAt)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// respondOnFiles is the child: the embedded twins on real files, and death by SIGKILL at the given point. It prints how
// many points it passed.
func respondOnFiles(dir, killAt string) error {
	at, err := strconv.Atoi(killAt)
	if err != nil {
		return err
	}
	passed := 0
	point := func(string) error {
		if passed++; passed == at {
			return syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}
	s, err := kv.Open(filepath.Join(dir, "aer.db"), kv.Options{})
	if err != nil {
		return err
	}
	audit, err := trail.OpenFile(context.Background(), s, filepath.Join(dir, "audit.ndjson"))
	if err != nil {
		return err
	}
	outbox, err := notify.NewOutbox(filepath.Join(dir, "outbox"), "aer@example.com")
	if err != nil {
		return err
	}
	rows, err := warehouse.OpenNDJSON(dir)
	if err != nil {
		return err
	}
	start := time.Now()
	now := func() time.Time { return sinktest.T0.Add(time.Since(start)) } // moves, so that patience can end
	r, err := response.New(response.Config{
		Ledger:    sinktest.FaultyLedger{Ledger: ledger.New(s), Point: point},
		Sessions:  sinktest.FaultySessions{Sessions: sessions.NewEmbedded(sessions.NewTable(s), now), Point: point},
		Audit:     sinktest.FaultyAudit{Audit: audit, Point: point},
		Notifier:  sinktest.FaultyNotifier{Notifier: outbox, Point: point},
		Directory: directory.New(s), Settings: stored.New(s), Now: now,
		Warehouse: sinktest.FaultyWarehouse{Writer: rows, Point: point},
	})
	if err != nil {
		return err
	}
	a, d := respondTo("O1", "U1", "D1")
	if err = r.Respond(context.Background(), a, d); err != nil {
		return err
	}
	fmt.Println(passed)
	return errors.Join(rows.Close(), audit.Close(), s.Close())
}

// runChild runs the child and returns how many points it passed, or that it was killed.
func runChild(t *testing.T, dir string, killAt int) (passed int, killed bool) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), envKillDir+"="+dir, envKillAt+"="+strconv.Itoa(killAt))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return 0, true
	}
	if err != nil {
		t.Fatalf("child: %v\n%s", err, stderr.String())
	}
	passed, err = strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil {
		t.Fatal(err)
	}
	return passed, false
}

// TestSIGKILL kills a real process with the embedded twins on real files before and after every call of a sink, lets
// another finish, and reads the files.
func TestSIGKILL(t *testing.T) {
	points, _ := runChild(t, prepared(t), 0)
	if points < 40 {
		t.Fatalf("only %d points: are the sinks still wrapped?", points)
	}
	stride := 1
	if testing.Short() {
		stride = 7
	}
	for at := 1; at <= points; at += stride {
		t.Run(strconv.Itoa(at), func(t *testing.T) {
			t.Parallel() // most of the time goes into waiting for the disk
			dir := prepared(t)
			if _, killed := runChild(t, dir, at); !killed {
				t.Fatal("the child survived")
			}
			runChild(t, dir, 0)
			runChild(t, dir, 0) // delivered once more
			wantFilesOnce(t, dir)
		})
	}
}

// prepared is a folder with an organisation and two sessions of its user.
func prepared(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	s, err := kv.Open(filepath.Join(dir, "aer.db"), kv.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	settings, people := orgOf("O1", "U1")
	_, err = stored.Import(ctx, s, []*aerv1.Settings{settings}, []*aerv1.Directory{people})
	err = errors.Join(err,
		sessions.NewTable(s).Start(ctx, sessions.Session{OrgID: "O1", UserID: "U1", SessionID: "S1", StartedAt: sinktest.T0},
			sessions.Session{OrgID: "O1", UserID: "U1", SessionID: "S2", StartedAt: sinktest.T0}),
		s.Close())
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func wantFilesOnce(t *testing.T, dir string) {
	t.Helper()
	s, err := kv.Open(filepath.Join(dir, "aer.db"), kv.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	all, err := sessions.NewTable(s).List(context.Background(), "O1", "U1")
	if err != nil || len(all) != 2 || all[0].EndedAt.IsZero() || all[1].EndedAt.IsZero() ||
		all[0].EndedBy != all[1].EndedBy {
		t.Errorf("sessions are %+v, %v", all, err)
	}
	// Two lines: the settings of the organisation were put, and the user's sessions reset.
	audit, err := os.ReadFile(filepath.Join(dir, "audit.ndjson"))
	if err != nil || strings.Count(string(audit), "\n") != 2 ||
		strings.Count(string(audit), aerv1.ActionSessionsReset) != 1 || !strings.HasSuffix(string(audit), "}\n") {
		t.Errorf("audit file is %q, %v", audit, err)
	}
	for table, want := range map[warehouse.Table]int{warehouse.Responses: 1, warehouse.AuditLog: 1,
		warehouse.Notifications: 3} {
		distinct := map[string]bool{}
		err := warehouse.ReadNDJSON(dir, table, func(m proto.Message, err error) error {
			distinct[fmt.Sprint(m)] = true
			return err
		})
		if err != nil || len(distinct) != want {
			t.Errorf("%d different rows of %s, want %d, %v", len(distinct), table, want, err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "outbox", "*"))
	if err != nil || len(files) != 3 {
		t.Errorf("outbox holds %q, %v", files, err)
	}
	for _, f := range files {
		if filepath.Ext(f) != ".eml" {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mail.ReadMessage(strings.NewReader(string(raw))); err != nil {
			t.Errorf("%s: %v", f, err)
		}
	}
	resp, err := response.Show(context.Background(), ledger.New(s), "O1", "D1")
	if err != nil || resp.Open || resp.Response.GetSessionsReset() != 2 || len(response.Failed(resp.Response)) != 0 {
		t.Errorf("response is %+v, %v", resp, err)
	}
}
