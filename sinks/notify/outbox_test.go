// SPDX-License-Identifier: Apache-2.0

package notify_test

import (
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/sinks/notify"
	"github.com/aer-project/aer/sinks/retry"
	"github.com/aer-project/aer/sinks/sinktest"
)

func newOutbox(t *testing.T, dir string) *notify.Outbox {
	o, err := notify.NewOutbox(dir, "AER <aer@example.com>")
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestOutbox(t *testing.T) {
	sinktest.Notifier(t, []string{notify.ChannelEmail, notify.ChannelDM},
		func(t *testing.T) (sinktest.NotifierUnderTest, func() sinktest.NotifierUnderTest) {
			dir := filepath.Join(t.TempDir(), "outbox")
			open := func() sinktest.NotifierUnderTest {
				return sinktest.NotifierUnderTest{
					Notifier:  newOutbox(t, dir),
					Delivered: func(channel, address string) int { return delivered(t, dir, channel, address) },
				}
			}
			return open(), open
		})
}

// delivered counts the messages as a reader of the folder would, and fails on anything else that lies there.
func delivered(t *testing.T, dir, channel, address string) (count int) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case channel == notify.ChannelDM && strings.HasSuffix(f.Name(), ".json"):
			n := &aerv1.Notification{}
			if err := aerv1.UnmarshalJSONLine(raw, n); err != nil {
				t.Error(err)
			}
			if n.GetAddress() == address {
				count++
			}
		case channel == notify.ChannelEmail && strings.HasSuffix(f.Name(), ".eml"):
			if readMail(t, string(raw)).to == address {
				count++
			}
		default:
			t.Errorf("unexpected file %s", f.Name())
		}
	}
	return count
}

type parsedMail struct {
	to, subject, text, html string
	header                  mail.Header
}

func readMail(t *testing.T, raw string) (p parsedMail) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil || len(to) != 1 {
		t.Fatalf("recipients are %v, %v", to, err)
	}
	p.to, p.header = to[0].Address, m.Header
	if p.subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type is %q, %v", kind, err)
	}
	for r := multipart.NewReader(m.Body, params["boundary"]); ; {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(part.Header.Get("Content-Type"), "text/html") {
			p.html = string(body)
		} else {
			p.text = string(body)
		}
	}
}

func sample() *aerv1.Notification {
	return &aerv1.Notification{Id: "N1", ResponseId: "R1", OrgId: "O1", UserId: "U1", Channel: notify.ChannelEmail,
		Address:  "u1@example.com",
		Language: "en", Subject: "You were signed out", Text: "Grüß Gott\n", Html: "<p>Grüß Gott</p>\n",
		Time: aerv1.Time(sinktest.T0)}
}

func TestMailIsRealMIMEAndDeterministic(t *testing.T) {
	var files []string
	for range 2 {
		dir := t.TempDir()
		if err := newOutbox(t, dir).Notify(context.Background(), sample()); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(filepath.Join(dir, notify.FileName(sample())))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, string(raw))
	}
	if files[0] != files[1] {
		t.Error("equal notifications give different files")
	}
	m := readMail(t, files[0])
	if m.subject != "You were signed out" || strings.TrimSpace(m.text) != "Grüß Gott" ||
		strings.TrimSpace(m.html) != "<p>Grüß Gott</p>" {
		t.Errorf("mail is %+v", m)
	}
	if at, err := m.header.Date(); err != nil || !at.Equal(sinktest.T0) {
		t.Errorf("date is %v, %v", at, err)
	}
	if m.header.Get("List-Id") != "<notifications.aer.example.com>" || m.header.Get("Precedence") != "bulk" {
		t.Errorf("header is %v", m.header)
	}
	if m.header.Get("Auto-Submitted") != "auto-generated" ||
		!strings.HasSuffix(m.header.Get("Message-Id"), "@example.com>") {
		t.Errorf("header is %v", m.header)
	}
}

func TestHostileSubjectStaysInItsHeader(t *testing.T) {
	dir := t.TempDir()
	n := sample()
	n.Subject = "Hello\r\nBcc: victim@example.com\r\n\r\n<script>" + strings.Repeat("é", 1000)
	if err := newOutbox(t, dir).Notify(context.Background(), n); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, notify.FileName(n)))
	if err != nil {
		t.Fatal(err)
	}
	m := readMail(t, string(raw))
	if m.header.Get("Bcc") != "" || m.subject[:5] != "Hello" || strings.ContainsAny(m.subject, "\r\n") {
		t.Errorf("header is %v", m.header)
	}
}

// TestInterruptedWriteLeavesNoMessage: a file cut short under its temporary name is neither taken for a message nor in
// the way.
func TestInterruptedWriteLeavesNoMessage(t *testing.T) {
	dir := t.TempDir()
	name := notify.FileName(sample())
	if err := os.WriteFile(filepath.Join(dir, "."+name+".tmp"), []byte("From: half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := newOutbox(t, dir).Notify(context.Background(), sample()); err != nil {
		t.Fatal(err)
	}
	if got := delivered(t, dir, notify.ChannelEmail, "u1@example.com"); got != 1 {
		t.Errorf("%d messages", got)
	}
}

func TestOutboxErrors(t *testing.T) {
	if _, err := notify.NewOutbox(t.TempDir(), "not an address"); err == nil {
		t.Error("a bad sender was accepted")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := notify.NewOutbox(file, "aer@example.com"); err == nil {
		t.Error("a file was accepted as folder")
	}
	dir := t.TempDir()
	o := newOutbox(t, dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := o.Notify(context.Background(), sample()); err == nil || !retry.Recoverable(err) {
		t.Errorf("a missing folder gives %v, want a recoverable error", err)
	}
}
