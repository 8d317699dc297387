package main

import (
	"bufio"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	vkit "cloud.google.com/go/pubsub/v2/apiv1"
	"cloud.google.com/go/pubsub/v2/apiv1/pubsubpb"
	"cloud.google.com/go/pubsub/v2/pstest"
	gosmtp "github.com/emersion/go-smtp"
	"github.com/rogpeppe/go-internal/testscript"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/aer-project/aer/cmd/aer/config"
	"github.com/aer-project/aer/sinks/sessions"
	"github.com/aer-project/aer/sinks/sessions/webhook"
)

// snippet is a fenced block of the section "Connect your platform".
type snippet struct {
	language, text string
	// name is the file that the paragraph before the block names at its end.
	name string
}

var (
	fence    = regexp.MustCompile("(?s)([^\n]*)\n\n```([a-z]*)\n(.*?)\n```\n")
	namedEnd = regexp.MustCompile("`([a-z.]+)`:$")
)

// connectSection is what README.md of this folder says about connecting a platform, and its snippets in order.
func connectSection() (text string, snippets []snippet, err error) {
	raw, err := os.ReadFile("README.md")
	if err != nil {
		return "", nil, err
	}
	_, text, found := strings.Cut(string(raw), "## Connect your platform\n")
	text, _, _ = strings.Cut(text, "\n## ")
	if !found {
		return "", nil, fmt.Errorf("README.md has no section Connect your platform")
	}
	text = strings.ReplaceAll(text, "\n```\n\n```", "\n```\n\n\n\n```") // blocks in a row: neither is the other's paragraph
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		s := snippet{language: m[2], text: m[3] + "\n"}
		if n := namedEnd.FindStringSubmatch(m[1]); n != nil {
			s.name = n[1]
		}
		snippets = append(snippets, s)
	}
	if n := strings.Count(text, "\n```") / 2; n != len(snippets) {
		return "", nil, fmt.Errorf("the section has %d fenced blocks, %d are understood: each wants a language and an empty line before it", n, len(snippets))
	}
	return text, snippets, nil
}

// TestConnectSnippets checks the snippets that are no commands; testdata/script/connect.txtar runs the others.
func TestConnectSnippets(t *testing.T) {
	_, snippets, err := connectSection()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range snippets {
		if err := checkSnippet(s); err != nil {
			t.Errorf("README.md: %v, in\n%s", err, s.text)
		}
	}
}

func checkSnippet(s snippet) error {
	switch s.language {
	case "sh":
		return nil
	case "yaml": // a whole configuration, or a part of one
		_, err := config.Parse("snippet", []byte(s.text))
		return err
	case "json": // what the webhook posts
		d := json.NewDecoder(strings.NewReader(s.text))
		d.DisallowUnknownFields()
		var m webhook.Message
		if err := d.Decode(&m); err != nil {
			return err
		}
		if m.Version != sessions.CommandVersion || m.Type != sessions.TypeRevoke || m.Scope != sessions.ScopeAll || m.Key == "" || m.OrgID == "" || m.UserID == "" {
			return fmt.Errorf("no message of the contract: %+v", m)
		}
		return nil
	case "go":
		const file = "../../sinks/sessions/webhook/receiver/main.go"
		src, err := os.ReadFile(file)
		if err == nil && !strings.Contains(string(src), s.text) {
			err = fmt.Errorf("%s, which compiles, has another text", file)
		}
		return err
	}
	return fmt.Errorf("nothing checks the language %q", s.language)
}

// documents are those for people that name commands of aer.
var documents = []string{"../../README.md", "README.md", "../../.github/CONTRIBUTING.md", "../../.github/SECURITY.md", "../quality/README.md"}

// TestReadmeCommands checks that every aer command that the documents name in a sentence or a block has verbs and flags that
// exist.
func TestReadmeCommands(t *testing.T) {
	found := 0
	for _, file := range documents {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found += checkCommands(t, file, string(raw))
	}
	if found < 30 {
		t.Errorf("only %d commands found", found)
	}
}

var namedCommand = regexp.MustCompile("(?m)`(aer [^`|]+)`|^ *(?:bin/|.*\\| )?(aer [a-z].*)$")

// checkCommands returns how many commands the text of a file names.
func checkCommands(t *testing.T, file, text string) (found int) {
	for _, m := range namedCommand.FindAllStringSubmatch(text, -1) {
		line, _, _ := strings.Cut(m[1]+m[2], " #")
		words := strings.Fields(line)[1:]
		if words[0] == "COMMAND" {
			continue
		}
		found++
		cmd, rest, err := (&app{}).root().Find(words)
		if err == nil {
			err = cmd.ParseFlags(rest)
		}
		if left := cmd.Flags().Args(); err == nil && cmd.HasSubCommands() && cmd.Name() != "feedback" && len(left) > 0 {
			err = fmt.Errorf("no verb %q", left[0])
		}
		if err != nil && !strings.Contains(err.Error(), "help requested") {
			t.Errorf("%s: %q: %v", file, line, err)
		}
	}
	return found
}

// guide follows the section in a script, with servers of its own in the place of those it names.
type guide struct {
	left     []snippet
	replaced [][2]string
	used     map[string]bool
	mail     mailServer
	bus      *pstest.Server
}

// connectCommands are the commands of scripts that follow the section.
var connectCommands = map[string]func(*testscript.TestScript, bool, []string){
	"step": step, "serve": serve, "mailed": mailed, "publish": publish,
}

func theGuide(ts *testscript.TestScript) *guide { return ts.Value("guide").(*guide) }

// step is the command "step": it runs the next commands of the section; "! step" says that none are left, and that every
// server was spoken to. "step skip" passes over them.
func step(ts *testscript.TestScript, neg bool, args []string) {
	g := theGuide(ts)
	s, ok := g.next(ts)
	if ok == neg {
		ts.Fatalf("README.md: more commands: %v: %s", ok, s.text)
	}
	if neg {
		for _, r := range g.replaced {
			if !g.used[r[0]] {
				ts.Fatalf("README.md does not mention %q", r[0])
			}
		}
		return
	}
	if len(args) > 0 && args[0] == "skip" {
		return
	}
	ts.Logf("%s", s.text)
	ts.Check(ts.Exec("sh", "-eu", "-c", g.replace(s.text)))
}

// next takes the next commands off, and writes the files that the section names before them.
func (g *guide) next(ts *testscript.TestScript) (snippet, bool) {
	for len(g.left) > 0 {
		s := g.left[0]
		g.left = g.left[1:]
		if s.language == "sh" {
			return s, true
		}
		if s.name != "" {
			ts.Check(os.WriteFile(ts.MkAbs(s.name), []byte(g.replace(s.text)), 0o600))
		}
	}
	return snippet{}, false
}

func (g *guide) replace(text string) string {
	for _, r := range g.replaced {
		if strings.Contains(text, r[0]) {
			g.used[r[0]] = true
			text = strings.ReplaceAll(text, r[0], r[1])
		}
	}
	return text
}

// serve is the command "serve built|receiver|mail|bus": it starts one of the servers that the section names.
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serve built|receiver|mail|bus")
	}
	g := theGuide(ts)
	switch args[0] {
	case "built": // this binary is aer; the receiver is built here
		const build = "go build -o bin/receiver ./sinks/sessions/webhook/receiver"
		g.replaced = append(g.replaced, [2]string{"make build", ":"}, [2]string{build, ":"})
		makefile, err := os.ReadFile("../../Makefile")
		ts.Check(err)
		if !strings.Contains(string(makefile), "\nbuild: ") {
			ts.Fatalf("Makefile has no target build")
		}
		ts.Check(buildReceiver(ts.MkAbs("receiver")))
	case "receiver":
		const start = "receiver localhost:8080 secret &\n"
		if s, _ := g.next(ts); s.text != start {
			ts.Fatalf("README.md: %q, want %q", s.text, start)
		}
		g.replaced = append(g.replaced, [2]string{"localhost:8080", startReceiver(ts)})
	case "mail":
		smtp := fmt.Sprintf("host: 127.0.0.1, port: %d, ca_file: ca.pem", g.mail.start(ts))
		g.replaced = append(g.replaced, [2]string{"host: smtp.example.com", smtp})
	case "bus":
		g.bus = pstest.NewServer()
		ts.Defer(func() { _ = g.bus.Close() })
		g.replaced = append(g.replaced, [2]string{"localhost:8085", g.bus.Addr})
	default:
		ts.Fatalf("no server %q", args[0])
	}
}

func buildReceiver(to string) error {
	cmd := exec.Command("go", "build", "-o", to, "./sinks/sessions/webhook/receiver")
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// startReceiver runs the receiver on a free port, with its output in the file receiver.log, and returns its address.
func startReceiver(ts *testscript.TestScript) string {
	cmd := exec.Command(ts.MkAbs("receiver"), "localhost:0", ts.MkAbs("secret"))
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	log, err := os.Create(ts.MkAbs("receiver.log"))
	ts.Check(err)
	lines := bufio.NewReader(out)
	first, err := lines.ReadString('\n')
	ts.Check(err)
	done := make(chan struct{})
	go func() { defer close(done); _, _ = io.Copy(log, lines) }()
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		<-done
		_ = cmd.Wait()
		_ = log.Close()
	})
	_, address, _ := strings.Cut(strings.TrimSpace(first), "http://")
	return address
}

// mailServer is a real SMTP server with STARTTLS and a mailbox for each address.
type mailServer struct {
	mu    sync.Mutex
	boxes map[string]string
}

// start listens, writes the authority of its certificate to ca.pem, and returns the port.
func (m *mailServer) start(ts *testscript.TestScript) int {
	m.boxes = map[string]string{}
	tls := httptest.NewTLSServer(nil) // for its certificate, which names 127.0.0.1
	ts.Defer(tls.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: tls.Certificate().Raw})
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), ca, 0o600))
	srv := gosmtp.NewServer(gosmtp.BackendFunc(func(*gosmtp.Conn) (gosmtp.Session, error) { return &delivery{server: m}, nil }))
	srv.TLSConfig = tls.TLS.Clone()
	srv.TLSConfig.NextProtos = nil
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(l) }()
	ts.Defer(func() { _ = srv.Close(); <-done })
	return l.Addr().(*net.TCPAddr).Port
}

// mailed is the command "mailed ADDRESS TEXT": a mail to the address has the text.
func mailed(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: mailed ADDRESS TEXT")
	}
	m := &theGuide(ts).mail
	m.mu.Lock()
	defer m.mu.Unlock()
	if strings.Contains(m.boxes[args[0]], args[1]) == neg {
		ts.Fatalf("mail to %s:\n%s", args[0], m.boxes[args[0]])
	}
}

// publish is the command "publish FILE...": it publishes each line of the files to the subscription of pubsub.yaml, which it
// creates if need be, and waits until all are acknowledged.
func publish(ts *testscript.TestScript, neg bool, args []string) {
	g := theGuide(ts)
	if neg || g.bus == nil {
		ts.Fatalf("usage: publish FILE..., after serve bus")
	}
	const topic, sub = "projects/acme/topics/events", "projects/acme/subscriptions/aer"
	if len(args) == 0 {
		ts.Check(subscribeAt(g.bus.Addr, topic, sub))
		return
	}
	for _, f := range args {
		for line := range strings.Lines(ts.ReadFile(f)) {
			g.bus.Publish(topic, []byte(line), nil)
		}
	}
	deadline := time.Now().Add(time.Minute)
	for tick := time.NewTicker(10 * time.Millisecond); ; <-tick.C {
		open := 0
		for _, m := range g.bus.Messages() {
			if m.Acks == 0 {
				open++
			}
		}
		if open == 0 {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%d messages are not acknowledged after a minute", open)
		}
	}
}

func subscribeAt(addr, topic, sub string) error {
	ctx := context.Background()
	opts := []option.ClientOption{
		option.WithEndpoint(addr), option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
	}
	topics, err := vkit.NewTopicAdminClient(ctx, opts...)
	if err != nil {
		return err
	}
	defer topics.Close()
	if _, err := topics.CreateTopic(ctx, &pubsubpb.Topic{Name: topic}); err != nil {
		return err
	}
	subs, err := vkit.NewSubscriptionAdminClient(ctx, opts...)
	if err != nil {
		return err
	}
	defer subs.Close()
	_, err = subs.CreateSubscription(ctx, &pubsubpb.Subscription{Name: sub, Topic: topic, AckDeadlineSeconds: 600})
	return err
}

// newGuide prepares a script to follow the section: what it builds is on the path, and the secrets that it names are set.
func newGuide(e *testscript.Env) error {
	_, snippets, err := connectSection()
	e.Values["guide"] = &guide{left: snippets, used: map[string]bool{}}
	e.Setenv("PATH", e.WorkDir+string(filepath.ListSeparator)+e.Getenv("PATH"))
	e.Setenv("SMTP_PASSWORD", "a password of scripts")
	e.Setenv("SLACK_BOT_TOKEN", "xoxb-of-scripts")
	return err
}
