package activity

import (
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// DefaultWindowMS is the length of a slice's window: 10 s, the dial between latency and cost (DESIGN.md section 2).
const DefaultWindowMS = 10_000

// Shard is the bucket of users, out of shards, that (org, user) belongs to. Changing the number of shards re-keys all
// state.
func Shard(orgID, userID string, shards int) int32 {
	return int32(Hash(orgID+"\x00"+userID) % uint64(shards))
}

// WindowStartMS is the start of the window of length sizeMS that holds the time t, in Unix milliseconds. It is right
// before 1970 too.
func WindowStartMS(t, sizeMS int64) int64 {
	start := t - t%sizeMS
	if t%sizeMS < 0 {
		start -= sizeMS
	}
	return start
}

// Compare orders slices by organisation, user and window.
func Compare(a, b *aerv1.Slice) int {
	if c := strings.Compare(a.OrgId, b.OrgId); c != 0 {
		return c
	}
	if c := strings.Compare(a.UserId, b.UserId); c != 0 {
		return c
	}
	switch {
	case a.WindowStartMs < b.WindowStartMs:
		return -1
	case a.WindowStartMs > b.WindowStartMs:
		return 1
	}
	return 0
}
