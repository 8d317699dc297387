package store

import "context"

// engine is an ordered key-value store with serialisable transactions: all that the concerns need to be written once.
type engine interface {
	// view runs f on one consistent state.
	view(ctx context.Context, f func(tx) error) error
	// update runs f and makes its writes durable together, or none of them if f fails.
	update(ctx context.Context, f func(tx) error) error
	close() error
}

// tx is one transaction. Slices it returns are valid until it ends and must not be changed.
type tx interface {
	// get returns nil if there is no such key.
	get(bucket string, key []byte) []byte
	put(bucket string, key, value []byte) error
	// each calls f for every key with the prefix, in byte order. f must not write to the bucket.
	each(bucket string, prefix []byte, f func(k, v []byte) error) error
}

// The buckets. A new one needs no migration: they are created on opening.
const (
	bucketMeta            = "meta"
	bucketSettings        = "settings"
	bucketSettingsHistory = "settings_history"
	bucketDirectory       = "directory"
	bucketLedger          = "ledger"
	bucketSessions        = "sessions"
	bucketSessionEnds     = "session_ends"
	bucketAudit           = "audit"
	bucketAuditIDs        = "audit_ids"
	bucketJournal         = "journal"
	bucketChanges         = "changes"
	bucketDigests         = "digests"
)

var buckets = []string{
	bucketMeta, bucketSettings, bucketSettingsHistory, bucketDirectory, bucketLedger,
	bucketSessions, bucketSessionEnds, bucketAudit, bucketAuditIDs, bucketJournal, bucketChanges, bucketDigests,
}

// nextSeq returns a number greater than any given before for the counter, starting at 1.
func nextSeq(t tx, counter string) (uint64, error) {
	k := key("seq", counter)
	n := decodeSeq(t.get(bucketMeta, k)) + 1
	return n, t.put(bucketMeta, k, seqKey(nil, n))
}

func decodeSeq(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	var n uint64
	for _, c := range b {
		n = n<<8 | uint64(c)
	}
	return n
}
