// SPDX-License-Identifier: Apache-2.0

package event

import (
	"testing"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

const benchNative = `{"id":"d0000002","time":"2018-06-01T07:39:54.355Z","org_id":"org-09","user_id":"U1EBD4871F","session_id":"s-3e8bcd98568f","action":"message_posted","object":{"type":"channel","id":"C60E10D06"},"bytes":150,"outcome":"ok","client":{"ip":"192.0.2.209","user_agent":"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/66.0.3359.139 Safari/537.36","ja4":"t12d2310h2_934e752c07f5_8a7cf4bff711","platform":"macos","asn":64500,"country":"NL"}}`

const benchSlack = `{"id":"0a1b2c3d-0000-4000-8000-000000000001","date_create":1762300800,"action":"file_downloaded","actor":{"type":"user","user":{"id":"W0123456789","name":"launch.budget17","email":"u17@o3.example","team":"E0123456789"}},"entity":{"type":"file","file":{"id":"F00000000A1","name":"budget-launch.pdf","filetype":"pdf","title":"budget launch \u2013 FY26 (v1)"}},"context":{"location":{"type":"enterprise","id":"E0123456789","name":"Org 3","domain":"org3"},"ua":"Mozilla/5.0 (X11; Linux x86_64; rv:139.0) Gecko/20100101 Firefox/139.0","ip_address":"198.51.100.7","session_id":4815162342108},"details":{"device_id":"D0123456789ABC","ja3":"0123456789abcdef0123456789abcdef","bytes":123456}}`

func BenchmarkDecodeNative(b *testing.B) { benchmarkDecode(b, []byte(benchNative)) }
func BenchmarkDecodeSlack(b *testing.B)  { benchmarkDecode(b, []byte(benchSlack)) }

func BenchmarkDecodeProto(b *testing.B) {
	evs, _ := Decode([]byte(benchNative), Source{}, Options{})
	raw, err := evs[0].MarshalVT()
	if err != nil {
		b.Fatal(err)
	}
	benchmarkDecode(b, raw)
}

// BenchmarkDecodeBatch decodes 100 native records per message; divide by 100 to compare.
func BenchmarkDecodeBatch(b *testing.B) {
	raw := []byte("[")
	for i := range 100 {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = append(raw, benchNative...)
	}
	benchmarkDecode(b, append(raw, ']'))
}

var sink []*aerv1.Event

func benchmarkDecode(b *testing.B, raw []byte) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		evs, dead := Decode(raw, Source{Name: "bench"}, Options{})
		if len(dead) > 0 {
			b.Fatal(dead[0].Detail)
		}
		sink = evs
	}
}

func BenchmarkActionClass(b *testing.B) {
	for b.Loop() {
		ActionClass("file_downloaded")
		ActionClass("mcp_slack_search_tool_called")
	}
}
