// SPDX-License-Identifier: Apache-2.0

// Package event turns the bytes of a message or a file into events, and everything that cannot become one into a dead
// letter.
//
// It is pure: no clock, no network, no engine. Every input is accounted for: a single record gives exactly one event or
// one dead letter, a batch gives one of the two for each of its records. Bad input is never an error and never a panic.
//
// # Formats
//
// A message is plain, gzip or zstd, detected by its first bytes. What is inside is detected per record:
//   - native JSON: an object with "time", "org_id" or "user_id" (see native.go);
//   - a Slack Audit Logs entry: an object with "date_create", "actor", "entity" or "context" (see slack.go);
//   - a protobuf aer.v1.Event or aer.v1.EventBatch (see proto.go).
//
// JSON records come alone, in an array, one after another (NDJSON, in files also spread over lines, see spread.go), in
// a page of the Slack API ({"entries":[...]}), or in an envelope of a collector (envelope.go lists them): Splunk's HEC,
// EventBridge, Pub/Sub push, SNS, SQS, Kinesis, CloudWatch Logs, Elastic, Cloud Logging, OpenTelemetry, a string that
// is JSON. At most three envelopes may be around a record, their times are not the event's, and what comes of them is
// bounded like a message. An envelope that holds no event is a dead letter that names it. Formats may be mixed in one
// message. Options.Format fixes the format of the records instead of detecting it.
//
// # Strictness
//
// Strict is what an event cannot do without (id, time, org_id, user_id, action): where one is missing, cannot be read,
// or is there twice with different values, the record is a dead letter. Ids are texts. Times may be anything that means
// one moment (times.go); only Slack's may say no zone, for it is UTC.
//
// Every other field costs at most itself. A value of the wrong type, an address or a country that is none, a print of
// no known shape, a word nobody knows is unknown; of a text with bytes that are no UTF-8, raw control characters or
// broken escapes these become U+FFFD; of a name that an object has twice with different values none is believed
// (mend.go). All of it is counted by field (Unreadable), where operators look. Otherwise an attacker, who chooses some
// of these values, could leave the pipeline by one stray byte. What is no JSON beyond that is a dead letter, and
// unknown members are ignored.
//
// # Two ways to read
//
// A record as it should be is read in one pass over its bytes (quick.go, walk.go, scan.go; protobuf: proto_quick.go),
// which checks what the parser of jsontext checks: UTF-8, escapes, control characters, numbers, names twice. There is
// no tree and no map in between, and every member is read by the same function either way. What is odd in any way (a
// name twice or escaped, a byte that needs mending, a field missing, an envelope, a dead letter to come) is left to the
// parser, of whose answer the quick one is never different: fuzz and property tests compare the two. Odd records cost
// several times more, and are rare.
//
// Texts that come again (agents, actions, organisations, types) are one string each, as long as they come often; the
// others are pieces of a slab of some hundreds (texts.go). So every text may be kept, but who keeps one for long clones
// it (strings.Clone): it would keep 4 KB of neighbours.
//
// An event lies in one block with all its parts. Release gives it back when nobody holds a pointer to it any more, and
// the next event is written over it; who keeps events need not call it. Decoding then allocates nothing for an event
// but its share of a slab, about a hundred bytes.
//
// Files are cut into chunks of whole lines (cut.go), which OpenFiles decodes ahead on all cores (ahead.go), in order
// and with the same line numbers, dead letters and counts; on one core, of very many files, and with NewLines, a line
// is decoded when it is asked for. Close ends it. Per-event iteration costs a few nanoseconds, so there are no batches.
//
// # One form
//
// Whatever the format, values come out in one spelling (canonical.go): addresses without port, brackets, zone and IPv6
// around IPv4; UUIDs, countries, JA3 and JA4 in theirs; outcomes and user types as their few words. What only says that
// there is nothing ("-", null, unknown, XX, zeros) is unknown and not counted. A list of addresses is none: its first
// entry is the client's own word. An empty user agent stays evidence of its own, and a placeholder for one is an empty
// one. The ids of sessions and apps keep their case, since a response names them to the platform.
//
// # Who acted
//
// ActorKind says who acted and how that is known; actor.go has the rules, in order, and README.md beside it their
// table:
//   - signed_in: the person, in a session. Also an administrator who acts on somebody else, whose name is then the
//     object;
//   - attempt: refused, or not signed in;
//   - app: a program under the person's name;
//   - system: the platform's back end and its placeholder people;
//   - record: something that was done to the user.
//
// The native form and protobuf may give it. What is given goes before what is derived, but makes nothing the person's
// own that the action or its outcome says is a refused login, a recovery or a record.
//
// # Guarantees about an event
//
// Id, Time, OrgId, UserId, Action and ActorKind are set; Time is between 2000 and 2200, in whole microseconds; Client
// is not nil (an empty one means that nothing is known); Client.Ip is an address as netip writes it, or text that is
// none, or empty; Object is nil or has an id; texts are valid UTF-8 and bounded (limits.go), so that one event is a few
// kilobytes at most. Absent means unknown and is never replaced by a value.
package event
