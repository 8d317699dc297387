// Package event turns the bytes of a message or a file into events, and everything that cannot become one into a dead letter.
//
// It is pure: no clock, no network, no engine. Every input is accounted for: a single record gives exactly one event or one
// dead letter, a batch gives one of the two for each of its records. Bad input is never an error and never a panic.
//
// # Formats
//
// A message is plain, gzip or zstd, detected by its first bytes. What is inside is detected per record:
//   - native JSON: an object with "time", "org_id" or "user_id" (see native.go);
//   - a Slack Audit Logs entry: an object with "date_create", "actor", "entity" or "context" (see slack.go);
//   - a protobuf aer.v1.Event or aer.v1.EventBatch (see proto.go).
//
// JSON records come alone, in an array, one after another (NDJSON), or in a page of the Slack API ({"entries":[...]}); formats
// may be mixed in one message. Options.Format fixes the format instead of detecting it.
//
// # Strictness
//
// JSON is parsed strictly: duplicate names, invalid UTF-8 and numbers such as NaN make a dead letter, because two parsers that
// read one text differently are a way around a detector. Unknown members are ignored. In native records a known member of the
// wrong type makes a dead letter; in Slack entries, which are not ours to fix, only the members an event cannot do without do.
// Values that the acting client chooses (user agent, address, device id, cookie time) do not cost an event, however long or odd
// they are: otherwise an attacker could leave the pipeline by sending them.
//
// # Guarantees about an event
//
// Id, Time, OrgId, UserId and Action are set; Time is between 2000 and 2200, in whole microseconds; Client is not nil (an empty
// one means that nothing is known); Object is nil or has an id; texts are valid UTF-8 and bounded (limits.go), so that one event
// is a few kilobytes at most. Absent means unknown and is never replaced by a value.
package event
