// SPDX-License-Identifier: Apache-2.0

package event

import "time"

// Limits of what is accepted. They bound memory, not taste: real records are hundreds of bytes and four levels deep.
const (
	// DefaultFutureMax lets pass what a wrong time zone does to a clock, which is less than a day.
	DefaultFutureMax = 24 * time.Hour
	// DefaultMaxBytes is the largest single record. Real ones are under 2 KB; 1 MiB leaves room for verbose details.
	DefaultMaxBytes = 1 << 20
	// DefaultMaxMessageBytes is the largest message or line after decompression. Pub/Sub messages end at 10 MB, and a full
	// page of the Slack API (9999 entries) at about 10 MB.
	DefaultMaxMessageBytes = 16 << 20
	// DefaultMaxDepth is the deepest nesting of one record. Slack's deepest documented details have six levels.
	DefaultMaxDepth = 32
	// DefaultMaxBatch is the largest number of records in one message.
	DefaultMaxBatch = 1000
	// slackPageMax is the largest page the Slack API returns; pages may hold that many whatever MaxBatch is.
	slackPageMax = 9999
)

// Source says where a message came from, for dead letters.
type Source struct {
	// Name is a file name or a subscription.
	Name string
	// Offset is the place in it: a line number or a message id. Records of a batch get "#index" appended, counted from 0.
	Offset string
	// PublishedAt is when the bus took the message; zero where nothing says it, as in files. See Options.FutureMax.
	PublishedAt time.Time
}

// Options are how messages are decoded. The zero value is ready to use.
type Options struct {
	// Format fixes the format of the records; Auto detects it for each.
	Format Format
	// MaxBytes, MaxMessageBytes, MaxDepth and MaxBatch replace the defaults when positive.
	MaxBytes, MaxMessageBytes, MaxDepth, MaxBatch int
	// OrgID, when set, is the organisation of every Slack entry. Set it when a source is the audit log of one enterprise,
	// so that its workspaces count as one organisation and people of other enterprises as external; see slack_org.go.
	OrgID string
	// Workspaces says which organisation a workspace belongs to, where a source has several; it goes before OrgID.
	Workspaces map[string]string
	// FutureMax is how far an event may lie ahead of its message's PublishedAt; further ahead it becomes a dead letter,
	// because one clock that is years fast would close the windows of everybody else. Zero means no bound.
	FutureMax time.Duration
	// ReceivedAt becomes DeadLetter.received_at; zero leaves it unset, as replays do.
	ReceivedAt time.Time
}

// withDefaults returns o with every limit set.
func (o Options) withDefaults() Options {
	positive(&o.MaxBytes, DefaultMaxBytes)
	positive(&o.MaxMessageBytes, DefaultMaxMessageBytes)
	positive(&o.MaxDepth, DefaultMaxDepth)
	positive(&o.MaxBatch, DefaultMaxBatch)
	return o
}

func positive(n *int, otherwise int) {
	if *n <= 0 {
		*n = otherwise
	}
}
