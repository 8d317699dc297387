// SPDX-License-Identifier: Apache-2.0

package perturb

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// Stripped are the members of client that may be taken away: what real sources most often do not have.
var Stripped = []string{"device_id", "ja4", "asn"}

// members is where things stand in the text of a native event.
type members struct {
	time time.Time
	// open and close are the offsets behind the opening and at the closing brace of client; client lists what is between.
	open, close int64
	client      []span
}

// span is a member: [from, to) is its text with the comma before it, if there is one.
type span struct {
	name     string
	from, to int64
}

var errNoEvent = errors.New("not a native event")

// parse finds the members of a native event: an object with time and user_id.
func parse(raw []byte) (*members, error) {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	if d.PeekKind() != '{' {
		return nil, errNoEvent
	}
	m := &members{}
	user := false
	_, top, _, err := object(d, func(name string) error {
		switch {
		case name == "time":
			return m.readTime(d)
		case name == "client" && d.PeekKind() == '{':
			var err error
			m.open, m.client, m.close, err = object(d, func(string) error { return d.SkipValue() })
			return err
		}
		user = user || name == "user_id"
		return d.SkipValue()
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoEvent, err)
	}
	if len(bytes.TrimSpace(raw[d.InputOffset():])) > 0 || len(top) == 0 || m.time.IsZero() || !user {
		return nil, errNoEvent
	}
	return m, nil
}

func (m *members) readTime(d *jsontext.Decoder) error {
	t, err := d.ReadToken()
	if err != nil {
		return err
	}
	if t.Kind() != '"' {
		return errNoEvent
	}
	m.time, err = time.Parse(time.RFC3339Nano, t.String())
	return err
}

// object reads an object; value is called for each member and must read its value.
func object(d *jsontext.Decoder, value func(name string) error) (open int64, all []span, end int64, err error) {
	if _, err := d.ReadToken(); err != nil {
		return 0, nil, 0, err
	}
	open = d.InputOffset()
	for d.PeekKind() == '"' {
		from := d.InputOffset()
		name, err := d.ReadToken()
		if err != nil {
			return 0, nil, 0, err
		}
		s := span{name: name.String(), from: from}
		if err := value(s.name); err != nil {
			return 0, nil, 0, err
		}
		s.to = d.InputOffset()
		all = append(all, s)
	}
	if _, err := d.ReadToken(); err != nil {
		return 0, nil, 0, err
	}
	return open, all, d.InputOffset() - 1, nil
}

// has says whether client has a member of the name.
func (m *members) has(name string) bool {
	return slices.ContainsFunc(m.client, func(s span) bool { return s.name == name })
}

// without returns raw without the named members of client; all else stays as it is.
func (m *members) without(raw []byte, names []string) []byte {
	if len(names) == 0 {
		return raw
	}
	out := append(make([]byte, 0, len(raw)), raw[:m.open]...)
	first := true
	for _, s := range m.client {
		if slices.Contains(names, s.name) {
			continue
		}
		text := raw[s.from:s.to]
		if first {
			text = bytes.TrimLeft(text, ", \t\r\n")
		}
		first = false
		out = append(out, text...)
	}
	last := m.open
	if n := len(m.client); n > 0 {
		last = m.client[n-1].to
	}
	return append(out, raw[last:]...)
}
