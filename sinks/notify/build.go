// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// builder assembles a message from phrases and keeps the first error.
type builder struct {
	catalogue *catalogue
	words     *words
	story     Story
	recipient Recipient
	style     *Renderer
	err       error
}

// say fills in a phrase, or what section app says in its place where the story is about an app.
func (b *builder) say(key string) string {
	if about := "app." + strings.ReplaceAll(key, ".", "_"); b.words.App != "" && b.catalogue.parsed[about] != nil {
		key = about
	}
	s, err := b.catalogue.say(key, b.words)
	if err != nil && b.err == nil {
		b.err = err
	}
	return s
}

// section is a message of the words that a section of the catalogue has.
func (b *builder) section(name string) message {
	return message{
		Language: b.catalogue.Language, Subject: clean(b.say(name+".subject"), maxLine), Heading: b.say(name + ".heading"),
		Paragraphs: []string{sentence(b.say(name + ".intro"))}, Footer: b.say(name + ".footer"),
	}
}

// write lays a message out and addresses it.
func (b *builder) write(m message, to *aerv1.Notification) (*aerv1.Notification, error) {
	if b.err != nil {
		return nil, b.err
	}
	n, err := layOut(m)
	if err != nil {
		return nil, err
	}
	proto.Merge(n, to)
	return n, nil
}

// facts pairs labels with values and leaves out what is empty.
func (b *builder) facts(pairs ...string) (all []fact) {
	for p := range slices.Chunk(pairs, 2) {
		if p[1] != "" {
			all = append(all, fact{Label: b.say("labels." + p[0]), Value: p[1], URL: p[0] == "explain" && b.style.Link != ""})
		}
	}
	return all
}

// acting is the message to the person whose sessions were ended.
func (b *builder) acting() message {
	next := []string{b.say("acting.if_you"), b.say("acting.if_not")}
	if b.words.Persisting {
		next = []string{b.say("acting.persisting"), b.say("acting.if_not")}
	}
	m := b.section("acting")
	ask := b.say("acting.ask_admins")
	if ask == "" {
		ask = b.say("acting.ask_unknown")
	}
	pairs := []string{
		"noticed", sentence(b.words.Noticed), "when", b.when(), "device", b.device(), "place", b.place(),
		"done", b.done(), "ask", ask, "reference", clean(b.story.Decision.GetId(), maxLine),
	}
	if b.words.Roles != "" {
		m.Paragraphs = append(m.Paragraphs, b.say("acting.also_admin"))
		pairs = append(pairs, "explain", b.explain())
	}
	m.Facts, m.Lists = b.facts(pairs...), []list{{b.say("labels.next"), next}}
	return m
}

// admin is the message to an owner or security admin.
func (b *builder) admin() message {
	a, d := b.story.Anomaly, b.story.Decision
	pairs := []string{
		"person", b.person(), "type", clean(a.GetType(), maxLine) + ": " + b.words.Title,
		"severity", clean(a.GetSeverity(), maxToken), "evidence", b.evidence(), "when", b.when(), "device", b.device(),
		"place", b.place(), "address", address(a.GetEvidence().GetClient().GetIp()), "done", b.done(),
		"failure", clean(b.story.Failure, maxLine), "reason", b.reason(), "decision", clean(d.GetId(), maxLine),
		"anomaly", clean(a.GetId(), maxLine), "explain", b.explain(),
	}
	m := b.section("admin")
	m.Facts, m.Lists = b.facts(pairs...), []list{{b.say("labels.next"), b.adminNext()}}
	return m
}

func (b *builder) adminNext() (items []string) {
	steps := map[string][]string{
		kindFailed:     {"admin.end_by_hand", "admin.contact"},
		kindPersisting: {"admin.reset_password", "admin.contact"},
		kindCooldown:   {"admin.contact", "admin.allow"},
		kindBudget:     {"admin.look"},
		kindCommon:     {"admin.changed", "admin.unchanged"},
		kindResponded:  {"admin.contact", "admin.allow"},
	}
	for _, s := range steps[b.words.Kind] {
		items = append(items, b.say(s))
	}
	if b.words.Recommendation != "" && b.words.Kind != kindCommon { // its advice is in the steps
		items = append(items, sentence(b.say("admin.recommendation")))
	}
	return items
}

func (b *builder) when() string {
	t := b.story.Anomaly.GetTime()
	if t == nil {
		return ""
	}
	return b.timeInWords(t.AsTime())
}

// timeInWords tells a time in the deployment's zone and the reader's language.
func (b *builder) timeInWords(t time.Time) string {
	t = t.In(b.style.zone)
	b.words.Day, b.words.Year, b.words.Month = t.Day(), t.Year(), b.catalogue.Months[t.Month()-1]
	b.words.Clock, b.words.Zone = t.Format("15:04"), t.Format("MST")
	return b.say("phrases.when")
}

func (b *builder) device() string {
	if b.words.Family == "" {
		return b.say("phrases.device_unknown")
	}
	return b.say("phrases.device")
}

func (b *builder) place() string {
	if s := b.say("phrases.place"); s != "" {
		return s
	}
	return b.say("phrases.place_unknown")
}

func (b *builder) done() string {
	switch b.words.Kind {
	case kindFailed:
		return b.say("phrases.not_ended")
	case kindCooldown, kindBudget, kindCommon:
		return ""
	}
	return b.say("phrases.ended")
}

func (b *builder) person() string {
	for _, p := range b.story.Directory.GetPeople() {
		if p.GetUserId() == b.story.Decision.GetUserId() && checkAddress(p.GetEmail()) == nil {
			return b.words.User + " <" + clean(p.GetEmail(), maxName) + ">"
		}
	}
	return b.words.User
}

// evidence is the finding in one line: the detector's own sentence, and the numbers.
func (b *builder) evidence() string {
	parts := []string{clean(b.story.Anomaly.GetSummary(), maxLine)}
	if b.words.Signal != "" {
		parts = append(parts, b.say("admin.measured"))
	}
	if b.words.Signs != "" {
		parts = append(parts, b.say("admin.signs"))
	}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

func (b *builder) reason() string {
	name := aerv1.Decision_Outcome_name[int32(b.story.Decision.GetOutcome())]
	if r := clean(b.story.Decision.GetReason(), maxLine); r != "" {
		return name + ": " + r
	}
	return name
}

// explain says where the decision can be seen.
func (b *builder) explain() string { return b.style.link(b.story) }

// sentence starts s with a capital and ends it with a stop.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	s = string(unicode.ToUpper(first)) + s[size:]
	if !strings.ContainsAny(s[len(s)-1:], ".!?") {
		s += "."
	}
	return s
}
