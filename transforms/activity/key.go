// SPDX-License-Identifier: Apache-2.0

package activity

import (
	"cmp"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/event"
)

// What every driver does unless it is told otherwise.
const (
	// DefaultWindowMS is the length of a slice's window: 10 s, the dial between latency and cost.
	DefaultWindowMS = 10_000
	// DefaultShards is enough to keep the cores of one machine busy. More users want more: see ShardsFor.
	DefaultShards = 16
	// UsersPerShard is how many users a shard is meant for: fewer make batches so small that calls to the state cost more
	// than the events, more make a rebuild slow, which is what a worker that takes a shard over waits for.
	UsersPerShard = 10_000
	// DefaultLateness is how far out of order events may come, and how long after the watermark they are still taken in:
	// the order that readers of files make reaches as far.
	DefaultLateness = event.DefaultReorderDelay
)

// ShardsFor is how many shards so many users want. Changing the number of shards re-keys all state.
func ShardsFor(users int) int {
	return max(DefaultShards, (users+UsersPerShard-1)/UsersPerShard)
}

// UserHash is the hash of a user of an organisation, from which Shard follows: it costs less to compute it once and
// hand it on.
func UserHash(org aerv1.OrgID, user aerv1.UserID) uint64 { return hashPair(string(org), string(user)) }

// Shard is the bucket of users, out of shards, that (org, user) belongs to: the person's apps, and the attempts under
// the person's name, are in the same. Changing the number of shards re-keys all state.
func Shard(org aerv1.OrgID, user aerv1.UserID, shards int) int32 {
	return ShardOf(UserHash(org, user), shards)
}

// ShardOf is Shard of the user with a UserHash.
func ShardOf(user uint64, shards int) int32 { return int32(user % uint64(shards)) }

// WindowStartMS is the start of the window of length sizeMS that holds the time t, in Unix milliseconds. It is right
// before 1970 too.
func WindowStartMS(t, sizeMS int64) int64 {
	start := t - t%sizeMS
	if t%sizeMS < 0 {
		start -= sizeMS
	}
	return start
}

// Compare orders slices by organisation, user, window and who acted: the person first.
func Compare(a, b *aerv1.Slice) int {
	return cmp.Or(strings.Compare(a.OrgId, b.OrgId), strings.Compare(a.UserId, b.UserId),
		cmp.Compare(a.WindowStartMs, b.WindowStartMs),
		strings.Compare(a.ActorKind, b.ActorKind), strings.Compare(a.AppId, b.AppId))
}
