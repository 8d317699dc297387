// SPDX-License-Identifier: Apache-2.0

package event

import (
	"bytes"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"
)

var knownReasons = map[string]bool{
	ReasonTooLarge: true, ReasonBadCompression: true, ReasonBadEncoding: true, ReasonDuplicateKey: true,
	ReasonBadJSON:  true,
	ReasonBadProto: true, ReasonMissingField: true, ReasonBadField: true, ReasonTooDeep: true, ReasonUnknownFormat: true,
}

// promises checks what the package says about every event and dead letter.
func promises(t *testing.T, evs []*aerv1.Event, dead []*aerv1.DeadLetter) {
	t.Helper()
	for _, ev := range evs {
		if ev.Id == "" || ev.OrgId == "" || ev.UserId == "" || ev.Action == "" || ev.Client == nil || ev.Client.Facts != nil {
			t.Errorf("incomplete event %v", ev)
		}
		if !plausible(ev.Time.AsTime()) || ev.Time.Nanos%1000 != 0 {
			t.Errorf("time %v", ev.Time)
		}
		if !oneOf(ev.ActorKind, aerv1.ActorKinds...) {
			t.Errorf("actor_kind %q", ev.ActorKind)
		}
		if n := ev.SizeVT(); n > 8<<10 {
			t.Errorf("an event of %d bytes", n)
		}
		if _, err := proto.Marshal(ev); err != nil { // checks that text is UTF-8
			t.Errorf("event %v: %v", ev, err)
		}
	}
	for _, d := range dead {
		if !knownReasons[d.Reason] || d.Detail == "" || len(d.Detail) > detailMax || len(d.Raw) > rawMax || d.Id == "" {
			t.Errorf("dead letter %v", d)
		}
		if d.Truncated != (int(d.Size) > len(d.Raw)) {
			t.Errorf("size %d, kept %d, truncated %t", d.Size, len(d.Raw), d.Truncated)
		}
		if _, err := proto.Marshal(d); err != nil {
			t.Errorf("dead letter %v: %v", d, err)
		}
	}
}

// fuzzRecord feeds one record, which must give exactly one event or one dead letter.
func fuzzRecord(f *testing.F, decode func(d *decoder, raw []byte)) {
	f.Fuzz(func(t *testing.T, raw []byte) {
		before := string(raw)
		d := newDecoder()
		d.begin(Source{Name: "fuzz"}, 0, Options{MaxBytes: 64 << 10}.withDefaults())
		decode(d, raw)
		promises(t, d.evs, d.dead)
		if len(d.evs)+len(d.dead) != 1 {
			t.Errorf("%d events and %d dead letters for one record", len(d.evs), len(d.dead))
		}
		if string(raw) != before {
			t.Error("the input was changed")
		}
	})
}

// fuzzJSON feeds one JSON record in a format.
func fuzzJSON(f *testing.F, format Format) {
	fuzzRecord(f, func(d *decoder, raw []byte) {
		d.opt.Format = format
		fr := frame{}
		if len(raw) > 0 && raw[0] == '{' {
			fr = frameObject(raw, 0)
		}
		d.record(raw, fr)
	})
}

func FuzzDecodeNative(f *testing.F) {
	for _, s := range []string{
		minimal, benchNative, with(`"client":{"ip":1}`), with(`"bytes":"12","cookie_time":null`), with(`"id":1`),
		minimal + "x", `{"a":[}`, `{`, `{"a"}`,
		`{"id":"\`, with(`"x":{"y":[[[]]]}`), with(`"outcome":"\u00e9\\\""`),
		with("\"client\":{\"user_agent\":\"\xff\\x22\x01\\ud800\"}"),
		with(`"client":{"ip":"1.2.3.4"},"client":{"ip":"5.6.7.8"}`), with(`"bytes":NaN,"x":[{"a":1,"a":2}]`),
	} {
		f.Add([]byte(s))
	}
	fuzzJSON(f, Native)
}

func FuzzDecodeSlack(f *testing.F) {
	for _, s := range []string{
		benchSlack, slackDownload, `{"actor":{"user":5}}`,
		`{"date_create":"2022-07-28 15:22:32","details":[],"context":{"session_id":1e5}}`,
		`{"date_create":-9223372036854775808}`, `{"date_create":"1.5e300"}`, `{"entity":{"type":1,"x":{"id":2}}}`,
		`{"details":{"action_timestamp":"NaN"}}`,
	} {
		f.Add([]byte(s))
	}
	fuzzJSON(f, Slack)
}

func FuzzDecodeProto(f *testing.F) {
	full, _ := Decode([]byte(benchNative), Source{}, Options{})
	f.Add([]byte(wire(f, sample())))
	f.Add([]byte(wire(f, full[0])))
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Add([]byte{0x12, 0x02, 0x08, 0x80})
	fuzzRecord(f, (*decoder).protoRecord)
}

// FuzzDecodeMessage feeds whole messages: anything but white space and empty batches gives something.
func FuzzDecodeMessage(f *testing.F) {
	batch := "[" + numbered(1) + "," + numbered(2) + "]"
	for _, s := range []string{
		minimal, batch, batch[:150], numbered(1) + "\n" + numbered(2), `{"entries":[` + benchSlack + `]}`, gzipped(f, batch),
		zstded(f, batch), zstded(f, batch)[:50],
		wire(f, sample()), wire(f, &aerv1.EventBatch{Events: []*aerv1.Event{sample(), sample()}}), "\n{", "[[", "[,,]",
		"\x1f\x8b", "NaN", "\xef\xbb\xbf", "{\n{\n{", `["x`,
		`{"time":1,"event":` + minimal + `}`, `{"message":{"data":"e30="}}`, `{"Records":[{"body":"{}"}]}`, `"{\"a\":1}"`,
		`{"awslogs":{"data":"H4s"}}`, `{"records":[{"records":[`,
	} {
		f.Add([]byte(s), uint8(0))
	}
	f.Fuzz(func(t *testing.T, raw []byte, format uint8) {
		before := string(raw)
		opt := Options{Format: Format(format % 4), MaxBytes: 64 << 10, MaxMessageBytes: 1 << 20}
		evs, dead := Decode(raw, Source{Name: "fuzz", Offset: "1"}, opt)
		promises(t, evs, dead)
		// Only these can hold an empty batch.
		mayBeEmpty := strings.Contains(before, "[") || bytes.HasPrefix(raw, gzipMagic) ||
			bytes.HasPrefix(raw, zstdMagic) || isBatch(raw)
		if len(evs)+len(dead) == 0 && !mayBeEmpty {
			t.Errorf("nothing came of %q", before)
		}
		again, deadAgain := Decode(raw, Source{Name: "fuzz", Offset: "1"}, opt)
		if len(again) != len(evs) || len(deadAgain) != len(dead) {
			t.Error("the second time is different")
		}
		ids := map[string]bool{}
		for _, d := range dead {
			if ids[d.Id] {
				t.Errorf("two dead letters share the id %s", d.Id)
			}
			ids[d.Id] = true
		}
		if string(raw) != before {
			t.Error("the input was changed")
		}
	})
}

// genEvent draws an event as decoding gives it: in canonical form.
func genEvent(t *rapid.T) *aerv1.Event {
	some := func(name string) string {
		return rapid.StringMatching(`[B-Zb-z]([!-~é]| ){0,18}[B-Zb-z]`).Draw(t, name)
	}
	text := func(name string) string {
		s := some(name)
		if placeholder(s) || rapid.Bool().Draw(t, "no "+name) {
			return ""
		}
		return s
	}
	of := func(name string, words ...string) string { return rapid.SampledFrom(append(words, "")).Draw(t, name) }
	moment := rapid.Int64Range(timeMin.UnixMicro(), timeMax.UnixMicro()-1)
	ev := &aerv1.Event{
		Id: some("id"), Time: aerv1.Time(time.UnixMicro(moment.Draw(t, "time"))), OrgId: some("org"), UserId: some("user"),
		SessionId: text("session"),
		Action:    some("action"), ApiMethod: text("method"), AppId: text("app"),
		Outcome:  of("outcome", aerv1.OutcomeOK, aerv1.OutcomeDenied, aerv1.OutcomeError, aerv1.OutcomeRateLimited),
		UserType: of("type", aerv1.UserMember, aerv1.UserGuest, aerv1.UserExternal, aerv1.UserBot),
		Client: &aerv1.Client{
			Ip: of("ip", "192.0.2.1", "2001:db8::1", "no address"), UserAgent: text("agent"), DeviceId: text("device"),
			Ja4: of("ja4", "t13d1516h2_8daaf6152771_e5627efa2ab1"), Ja3: of("ja3", "0123456789abcdef0123456789abcdef"),
			Platform: text("platform"),
			Asn:      rapid.Uint32().Draw(t, "asn"), Country: of("country", "DE", "US"),
		},
		ActorKind: rapid.SampledFrom(aerv1.ActorKinds).Draw(t, "kind"),
	}
	if rapid.Bool().Draw(t, "has object") {
		ev.Object = &aerv1.Object{Type: text("object type"), Id: "F" + some("object id")}
	}
	if rapid.Bool().Draw(t, "has bytes") {
		ev.Bytes = new(rapid.Uint64().Draw(t, "bytes"))
	}
	if rapid.Bool().Draw(t, "has cookie") {
		ev.CookieTime = aerv1.Time(time.UnixMicro(moment.Draw(t, "cookie")))
	}
	return ev
}

// What is written as JSON or protobuf decodes to the same event.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ev := genEvent(t)
		Normalise(ev)
		line, err := aerv1.MarshalJSONLine(ev)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := ev.MarshalVT()
		if err != nil {
			t.Fatal(err)
		}
		for _, in := range [][]byte{line, raw} {
			evs, dead := Decode(in, Source{}, Options{})
			if len(evs) != 1 || len(dead) != 0 {
				t.Fatalf("%q gives %d events and %v", in, len(evs), dead)
			}
			if diff := cmp.Diff(ev, evs[0], protocmp.Transform()); diff != "" {
				t.Fatalf("%q (-want +got):\n%s", in, diff)
			}
		}
	})
}
