// SPDX-License-Identifier: Apache-2.0

package change

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/decision/settings"
)

// ErrAborted says that the editor left the text as it was.
var ErrAborted = errors.New("nothing was changed")

// comment begins the lines that are shown in the editor and are no part of the settings.
const comment = "#: "

// InEditor lets a person edit settings as text: run opens the file at path and returns when the editor has ended. While
// the text is not valid it is opened again, with the mistakes on top; text left as it was ends it with ErrAborted. keep
// is where the text lies then, so that no work is lost.
func InEditor(now *aerv1.Settings, run func(path string) error) (next *aerv1.Settings, keep string, err error) {
	f, err := os.CreateTemp("", "aer-settings-*.yaml")
	if err != nil {
		return nil, "", fmt.Errorf("making a file to edit: %w", err)
	}
	path := f.Name()
	if err := f.Close(); err != nil {
		return nil, "", fmt.Errorf("making a file to edit: %w", err)
	}
	shown := withNotes(settings.Render([]*aerv1.Settings{now}),
		"Save and leave to apply, leave unchanged to abort. These lines are ignored.")
	for {
		text, err := editOnce(path, shown, run)
		if err != nil {
			return nil, path, err
		}
		if bytes.Equal(text, shown) {
			return nil, path, ErrAborted
		}
		body := withoutNotes(text)
		next, err := parseOne(path, body, now.GetOrgId())
		if err == nil {
			return next, path, nil
		}
		shown = withMistakes(path, body, now.GetOrgId(), err)
	}
}

func editOnce(path string, shown []byte, run func(string) error) ([]byte, error) {
	if err := os.WriteFile(path, shown, 0o600); err != nil {
		return nil, fmt.Errorf("writing the file to edit: %w", err)
	}
	if err := run(path); err != nil {
		return nil, fmt.Errorf("running the editor: %w", err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading what was edited: %w", err)
	}
	return text, nil
}

// withMistakes puts the mistakes on top. The lines they name shift by that, so they are looked for again beneath as
// many.
func withMistakes(path string, body []byte, orgID string, err error) []byte {
	notes := append([]string{"Not applied:"}, strings.Split(err.Error(), "\n")...)
	shown := withNotes(body, notes...)
	if _, again := parseOne(path, shown, orgID); again != nil {
		notes = append(notes[:1], strings.Split(again.Error(), "\n")...)
	}
	return withNotes(body, notes...)
}

func withNotes(body []byte, notes ...string) []byte {
	var b bytes.Buffer
	for _, n := range notes {
		b.WriteString(comment + n + "\n")
	}
	b.Write(body)
	return b.Bytes()
}

func withoutNotes(text []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		if !bytes.HasPrefix(line, []byte(comment)) {
			b.Write(line)
		}
	}
	return b.Bytes()
}

// parseOne reads a file that is about one organisation.
func parseOne(path string, text []byte, orgID string) (*aerv1.Settings, error) {
	all, err := settings.Parse(path, text)
	if err != nil {
		return nil, err
	}
	if len(all) != 1 || all[0].GetOrgId() != orgID {
		return nil, fmt.Errorf("%s: must be about organisation %q and no other", path, orgID)
	}
	return all[0], nil
}
