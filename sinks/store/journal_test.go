package store_test

import (
	"testing"

	"github.com/aer-project/aer/sinks/sinktest"
	"github.com/aer-project/aer/sinks/store"
)

func TestJournal(t *testing.T) {
	for name, open := range map[string]openStore{"bolt": openBolt, "memory": openMemory} {
		t.Run(name, func(t *testing.T) {
			sinktest.Journal(t, func(t *testing.T) (store.Journal, func() store.Journal) {
				s, reopen := open(t)
				return s.Journal(), func() store.Journal { return reopen().Journal() }
			})
		})
	}
}
