// SPDX-License-Identifier: Apache-2.0

package event

import (
	"strings"
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const benchNative = `{"id":"d0000002","time":"2018-06-01T07:39:54.355Z","org_id":"org-09","user_id":"U1EBD4871F","session_id":"s-3e8bcd98568f","action":"message_posted","object":{"type":"channel","id":"C60E10D06"},"bytes":150,"outcome":"ok","client":{"ip":"192.0.2.209","user_agent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/66.0.3359.139 Safari/537.36","ja4":"t12d2310h2_934e752c07f5_8a7cf4bff711","platform":"macos","asn":64500,"country":"NL"}}`

const benchSlack = `{"id":"0a1b2c3d-0000-4000-8000-000000000001","date_create":1762300800,"action":"file_downloaded","actor":{"type":"user","user":{"id":"W0123456789","name":"launch.budget17","email":"u17@o3.example","team":"E0123456789"}},"entity":{"type":"file","file":{"id":"F00000000A1","name":"budget-launch.pdf","filetype":"pdf","title":"budget launch \u2013 FY26 (v1)"}},"context":{"location":{"type":"enterprise","id":"E0123456789","name":"Org 3","domain":"org3"},"ua":"Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0","ip_address":"198.51.100.7","session_id":4815162342108},"details":{"device_id":"D0123456789ABC","ja3":"0123456789abcdef0123456789abcdef","bytes":123456}}`

// forms are one event in each form.
func forms(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"native": []byte(benchNative), "slack": []byte(benchSlack),
		"proto": []byte(wire(t, one(t, benchNative, Options{}))),
	}
}

// oneAfterTheOther decodes messages as files do, and does with every event what after says.
func oneAfterTheOther(after func(*aerv1.Event)) (decode func(raw []byte)) {
	d, opt := newDecoder(), Options{}.withDefaults()
	return func(raw []byte) {
		d.begin(Source{}, 1, opt)
		d.message(raw)
		for _, ev := range d.evs {
			after(ev)
		}
		d.evs = d.evs[:0]
	}
}

func keep(*aerv1.Event) {}

func BenchmarkDecode(b *testing.B) {
	for name, raw := range forms(b) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			decode := oneAfterTheOther(Release)
			for b.Loop() {
				decode(raw)
			}
		})
	}
}

// What is given back is used again, and texts share slabs: hardly an object an event.
func TestDecodeAllocates(t *testing.T) {
	for name, raw := range forms(t) {
		decode := oneAfterTheOther(Release)
		if n := testing.AllocsPerRun(1000, func() { decode(raw) }); n > 0 {
			t.Errorf("%s: %g objects an event", name, n)
		}
		decode = oneAfterTheOther(keep)
		if n := testing.AllocsPerRun(1000, func() { decode(raw) }); n > 1 {
			t.Errorf("%s: %g objects an event that is kept", name, n)
		}
	}
}

// BenchmarkDecodeBatch decodes 100 native records per message; divide by 100 to compare.
func BenchmarkDecodeBatch(b *testing.B) {
	raw := []byte("[" + strings.TrimSuffix(strings.Repeat(benchNative+",", 100), ",") + "]")
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	decode := oneAfterTheOther(Release)
	for b.Loop() {
		decode(raw)
	}
}

// BenchmarkStrict is what an event costs that is not as it should be.
func BenchmarkStrict(b *testing.B) {
	raw := []byte(strings.Replace(benchSlack, "Mozilla", "\x01Mozilla", 1))
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	decode := oneAfterTheOther(Release)
	for b.Loop() {
		decode(raw)
	}
}

// BenchmarkCanonical finishes an event of which everything is in canonical form, as nearly all is.
func BenchmarkCanonical(b *testing.B) {
	for name, raw := range map[string]string{"native": benchNative, "slack": benchSlack} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r, ev := &reader{}, one(b, raw, Options{})
			for b.Loop() {
				ev.ActorKind = ""
				if err := r.complete(ev, &nativeNames, "user", false); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkActionClass(b *testing.B) {
	for b.Loop() {
		ActionClass("file_downloaded")
		ActionClass("mcp_slack_search_tool_called")
	}
}
