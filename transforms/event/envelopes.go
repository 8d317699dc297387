// SPDX-License-Identifier: Apache-2.0

package event

// shape is how an envelope holds what is in it.
type shape uint8

const (
	// asObject: a JSON object.
	asObject shape = iota
	// asText: a string that is JSON.
	asText
	// asBase64: a string that is base64, of plain or compressed data.
	asBase64
	// asList: an array of records, envelopes or texts.
	asList
)

// envelope is one way in which collectors wrap records: what is in the member, or in that member's member within.
type envelope struct {
	member, within string
	as             shape
	name           string
}

// envelopes are the known ones, in the order in which they are tried: a collector may leave a member of another kind
// beside its own.
var envelopes = []envelope{
	{"awslogs", "data", asBase64, "a CloudWatch Logs subscription"},
	{"logEvents", "", asList, "CloudWatch Logs"},
	{"Records", "", asList, "a batch of AWS"},
	{"records", "", asList, "a batch of records"},
	{"entries", "", asList, "a page of the Slack API"},
	{"logs", "", asList, "a batch of logs"},
	{"events", "", asList, "a batch of events"},
	{"resourceLogs", "", asList, "OpenTelemetry"},
	{"scopeLogs", "", asList, "OpenTelemetry"},
	{"logRecords", "", asList, "OpenTelemetry"},
	{"hits", "hits", asList, "an answer of Elasticsearch"},
	{"Sns", "Message", asText, "an SNS record"},
	{"kinesis", "data", asBase64, "a Kinesis record"},
	{"message", "data", asBase64, "a Pub/Sub push"},
	{"message", "", asText, "Elastic or Beats (message)"},
	{"message", "", asObject, "Vector or Logstash (message)"},
	{"Message", "", asText, "an SNS notification"},
	{"body", "", asText, "an SQS message"},
	{"body", "stringValue", asText, "OpenTelemetry"},
	{"event", "original", asText, "Elastic (event.original)"},
	{"event", "", asObject, "Splunk's HTTP event collector (event)"},
	{"event", "", asText, "Splunk's HTTP event collector (event)"},
	{"detail", "", asObject, "EventBridge (detail)"},
	{"detail", "", asText, "EventBridge (detail)"},
	{"result", "_raw", asText, "an export of Splunk"},
	{"_raw", "", asText, "an export of Splunk"},
	{"jsonPayload", "", asObject, "Cloud Logging"},
	{"textPayload", "", asText, "Cloud Logging"},
	{"log", "", asText, "a container's log"},
	{"short_message", "", asText, "Graylog (GELF)"},
	{"RawData", "", asText, "Azure Monitor (RawData)"},
	{"_source", "", asObject, "a hit of Elasticsearch"},
	{"properties", "", asObject, "Azure Monitor (properties)"},
	{"payload", "", asObject, "Kafka Connect (payload)"},
	{"payload", "", asText, "Kafka Connect (payload)"},
	{"data_base64", "", asBase64, "a CloudEvent"},
	{"data", "", asObject, "a CloudEvent"},
	{"data", "", asText, "a CloudEvent"},
	{"data", "", asList, "a batch in data"},
	{"data", "", asBase64, "a message in base64"},
	{"response", "", asObject, "a kept answer of an API"},
	{"items", "", asList, "a page of an API (items)"},
	{"value", "", asList, "a page of an API (value)"},
	{"results", "", asList, "a page of an API (results)"},
}
