// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cloud.google.com/go/pubsub/v2/pstest"
	"github.com/rogpeppe/go-internal/testscript"

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
	// blocks in a row: neither is the other's paragraph
	text = strings.ReplaceAll(text, "\n```\n\n```", "\n```\n\n\n\n```")
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		s := snippet{language: m[2], text: m[3] + "\n"}
		if n := namedEnd.FindStringSubmatch(m[1]); n != nil {
			s.name = n[1]
		}
		snippets = append(snippets, s)
	}
	if n := strings.Count(text, "\n```") / 2; n != len(snippets) {
		return "", nil,
			fmt.Errorf("the section has %d fenced blocks, %d are understood: each wants a language and an empty line before it",
				n, len(snippets))
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
		if m.Version != sessions.CommandVersion || m.Type != sessions.TypeRevoke || m.Scope != sessions.ScopeAll ||
			m.Key == "" || m.OrgID == "" || m.UserID == "" {
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
var documents = []string{
	"../../README.md", "README.md", "../../.github/CONTRIBUTING.md", "../../.github/SECURITY.md", "../quality/README.md",
}

// TestReadmeCommands checks that every aer command that the documents name in a sentence or a block has verbs and flags
// that exist.
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

// step is the command "step": it runs the next commands of the section; "! step" says that none are left, and that
// every server was spoken to. "step skip" passes over them.
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

// newGuide prepares a script to follow the section: what it builds is on the path, and the secrets that it names are
// set.
func newGuide(e *testscript.Env) error {
	_, snippets, err := connectSection()
	e.Values["guide"] = &guide{left: snippets, used: map[string]bool{}}
	e.Setenv("PATH", e.WorkDir+string(filepath.ListSeparator)+e.Getenv("PATH"))
	e.Setenv("SMTP_PASSWORD", "a password of scripts")
	e.Setenv("SLACK_BOT_TOKEN", "xoxb-of-scripts")
	return err
}
