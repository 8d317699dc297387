// SPDX-License-Identifier: Apache-2.0

package event

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

func b64(text string) string { return strconv.Quote(base64.StdEncoding.EncodeToString([]byte(text))) }

// quoted writes a text as a JSON string.
func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\t", `\t`).Replace(text) + `"`
}

func TestEnvelopes(t *testing.T) {
	a, b := numbered(1), numbered(2)
	slack := strings.Replace(slackDownload, "0123a45b-6c7d-8900-e12f-3456789gh0i1", "s-1", 1)
	logs := `{"messageType":"DATA_MESSAGE","owner":"1","logEvents":[{"id":"1","timestamp":1,"message":` + quoted(a) +
		`},{"id":"2","timestamp":2,"message":` + quoted(b) + `}]}`
	eventbridge := `{"version":"0","id":"x","detail-type":"audit","source":"s","time":"2020-01-01T00:00:00Z","resources":[],"detail":` + slack + `}`
	sns := `{"Type":"Notification","MessageId":"m","Message":` + quoted(eventbridge) + `}`
	for name, c := range map[string]struct{ raw, want string }{
		"Splunk HEC":          {`{"time":1,"host":"h","sourcetype":"slack:audit","event":` + slack + `}`, "s-1"},
		"Splunk HEC, text":    {`{"time":"1.5","event":` + quoted(a) + `}`, "e-1"},
		"Splunk HEC, several": {`{"event":` + a + `}{"event":` + b + `}`, "e-1 e-2"},
		"Splunk export":       {`{"preview":false,"result":{"_raw":` + quoted(slack) + `}}`, "s-1"},
		"EventBridge":         {eventbridge, "s-1"},
		"Pub/Sub push": {`{"message":{"data":` + b64(a) +
			`,"messageId":"1","attributes":{}},"subscription":"s"}`, "e-1"},
		"Pub/Sub push of a batch":  {`{"message":{"data":` + b64("["+a+","+b+"]") + `}}`, "e-1 e-2"},
		"Pub/Sub push, compressed": {`{"message":{"data":` + b64(zstded(t, a)) + `}}`, "e-1"},
		"Pub/Sub push of protobuf": {`{"message":{"data":` + b64(wire(t, sample())) + `}}`, "e-1"},
		"Pub/Sub push, URL alphabet": {`{"message":{"data":"` +
			base64.RawURLEncoding.EncodeToString([]byte(with(`"x":"???>>>"`))) + `"}}`, "e-1"},
		"CloudWatch subscription":   {`{"awslogs":{"data":` + b64(gzipped(t, logs)) + `}}`, "e-1 e-2"},
		"CloudWatch, decoded":       {logs, "e-1 e-2"},
		"Kinesis around CloudWatch": {`{"Records":[{"kinesis":{"data":` + b64(gzipped(t, logs)) + `}}]}`, "e-1 e-2"},
		"SQS, SNS, EventBridge":     {`{"Records":[{"messageId":"1","body":` + quoted(sns) + `}]}`, "s-1"},
		"SNS record": {`{"Records":[{"EventSource":"aws:sns","Sns":{"Message":` +
			quoted(slack) + `}}]}`, "s-1"},
		"Firehose": {`{"records":[{"recordId":"1","data":` + b64(a) + `},{"recordId":"2","data":` + b64(b) +
			`}]}`, "e-1 e-2"},
		"Elastic": {`{"@timestamp":"2020-01-01T00:00:00Z","message":` + quoted(slack) +
			`,"event":{"dataset":"slack.audit"},"agent":{"type":"filebeat"}}`, "s-1"},
		"Elastic, original": {`{"@timestamp":"x","message":"user did something","event":{"dataset":"slack","original":` +
			quoted(slack) + `}}`, "s-1"},
		"Cloud Logging":     {`{"logName":"l","jsonPayload":` + a + `}`, "e-1"},
		"a container's log": {`{"log":` + quoted(a+"\n") + `,"stream":"stdout"}`, "e-1"},
		"CloudEvent": {`{"specversion":"1.0","id":"x","time":"2020-01-01T00:00:00Z","type":"t","data":` + a + `}`,
			"e-1"},
		"CloudEvent of Pub/Sub": {`{"specversion":"1.0","data":{"message":{"data":` + b64(a) + `}}}`, "e-1"},
		"CloudEvent, binary":    {`{"specversion":"1.0","data_base64":` + b64(a) + `}`, "e-1"},
		"Azure Monitor": {`{"records":[{"time":"2020-01-01T00:00:00Z","category":"audit","properties":` +
			a + `}]}`, "e-1"},
		"Kafka Connect":         {`{"schema":null,"payload":` + quoted(a) + `}`, "e-1"},
		"Azure Monitor, custom": {`[{"TimeGenerated":"2020-01-01T00:00:00Z","RawData":` + quoted(a) + `}]`, "e-1"},
		"OpenTelemetry": {
			`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1","body":{"stringValue":` + quoted(a) +
				`}},{"body":{"stringValue":` + quoted(b) + `}}]}]}]}`, "e-1 e-2"},
		"Elasticsearch": {`{"took":1,"hits":{"total":{"value":1},"hits":[{"_source":{"message":` +
			quoted(slack) + `}}]}}`, "s-1"},
		"Vector":        {`{"timestamp":"2020-01-01T00:00:00Z","message":` + slack + `}`, "s-1"},
		"Graylog":       {`{"version":"1.1","short_message":` + quoted(slack) + `}`, "s-1"},
		"a kept answer": {`{"status":200,"response":{"ok":true,"entries":[` + slack + `]}}`, "s-1"},
		"pages of other APIs": {`{"data":[` + a + `]}{"items":[` + b + `]}{"value":[` + a + `]}{"results":[` + b + `]}`,
			"e-1 e-2 e-1 e-2"},
		"a JSON string":          {quoted(a), "e-1"},
		"a JSON string of lines": {quoted(a + "\n" + b), "e-1 e-2"},
		"strings in an array":    {"[" + quoted(a) + "," + quoted(b) + "]", "e-1 e-2"},
		"Records":                {`{"Records":[` + slack + "," + a + `]}`, "s-1 e-1"},
		"logs":                   {`{"logs":[` + a + `]}`, "e-1"},
		"events":                 {`{"events":[` + a + `]}`, "e-1"},
		"a page in an envelope":  {`{"detail":{"entries":[` + slack + `]}}`, "s-1"},
		"over lines":             {"{\n \"Records\": [\n  " + a + ",\n  " + b + "\n ]\n}\n", "e-1 e-2"},
		"empty list":             {`{"records":[]}`, ""},

		"one bad of several": {`{"records":[` + a + `,{"time":"x","org_id":"o","user_id":"u"},` + b + `]}`,
			"e-1 e-2 m#1:bad_field"},
		"broken one":         {`{"records":[` + a + `,{"time":[}},` + b + `]}`, "e-1 e-2 m#1:bad_json"},
		"cut off":            {`{"records":[` + a + `,` + b[:50], "e-1 m#1:bad_json"},
		"words for an event": {`{"time":1,"event":"hello"}`, "m:unknown_format"},
		"words for base64":   {`{"message":{"data":"%%%"}}`, "m:unknown_format"},
		"broken gzip":        {`{"awslogs":{"data":` + b64(gzipped(t, logs)[:30]) + `}}`, "m:bad_compression"},
		"control message": {`{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"CWL CONTROL MESSAGE"}]}`,
			"m#0:unknown_format"},
		"nothing in it":      {`{"message":{"data":` + b64("[]") + `}}`, "m#0:unknown_format"},
		"four deep":          {`{"event":{"event":{"event":{"event":` + a + `}}}}`, "m:too_deep"},
		"three deep":         {`{"event":{"event":{"event":` + a + `}}}`, "e-1"},
		"a record, no event": {with(`"event":{"x":1},"message":"{}","data":"e30="`), "e-1"},
		"an incomplete event": {`{"id":"x","time":"2026-11-22T10:00:00Z","user_id":"U","action":"a","message":` + quoted(a) +
			`}`, "m:missing_field"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := outcome(c.raw, Options{}); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A dead letter from within an envelope, or for one, names it; the envelope's own time is not the event's.
func TestEnvelopesAreNamed(t *testing.T) {
	for raw, part := range map[string]string{
		`{"time":1,"event":"hello"}`: "Splunk", `{"event":{"a":1}}`: "Splunk",
		`{"detail":{"time":"x","org_id":"o","user_id":"u"}}`: "EventBridge", `{"message":{"data":"e30="}}`: "Pub/Sub push",
		`{"awslogs":{"data":"!"}}`: "CloudWatch", `{"message":"it is not JSON"}`: "Elastic or Beats",
		`"{\"a\":1}"`: "JSON string",
	} {
		_, dead := Decode([]byte(raw), Source{}, Options{})
		if len(dead) != 1 || !strings.Contains(dead[0].Detail, part) {
			t.Errorf("%s gives %v, want %q named", raw, dead, part)
		}
	}
	if ev := one(t, `{"time":"2020-01-01T00:00:00Z","detail":`+minimal+`}`,
		Options{}); !ev.Time.AsTime().Equal(at("2026-11-22T10:00:00Z")) {
		t.Errorf("time %v", ev.Time.AsTime())
	}
}

// What is in all envelopes of a message together is bounded, and so is how far lists nest.
func TestEnvelopesAreBounded(t *testing.T) {
	bomb := b64(gzipped(t, strings.Repeat(" ", 600<<10)+minimal))
	var records []string
	for range 20 {
		records = append(records, `{"data":`+bomb+`}`)
	}
	evs, dead := Decode([]byte(`{"records":[`+strings.Join(records, ",")+`]}`), Source{},
		Options{MaxMessageBytes: 2 << 20})
	if len(evs) != 3 || len(dead) != 17 || dead[0].Reason != ReasonTooLarge {
		t.Errorf("%d events, %d dead letters", len(evs), len(dead))
	}
	deep := strings.Repeat(`{"records":[`, 100_000)
	if _, dead = Decode([]byte(deep), Source{}, Options{}); len(dead) != 1 || dead[0].Reason != ReasonTooDeep {
		t.Errorf("%d dead letters for lists in lists", len(dead))
	}
	many := make([]string, DefaultMaxBatch+1)
	for i := range many {
		many[i] = numbered(i)
	}
	if evs, _ = Decode(fmt.Appendf(nil, `{"records":[%s]}`, strings.Join(many, ",")), Source{},
		Options{}); len(evs) != len(many) {
		t.Errorf("%d events of %d in a list like a page", len(evs), len(many))
	}
}
