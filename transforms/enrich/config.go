// SPDX-License-Identifier: Apache-2.0

package enrich

import (
	"fmt"
	"time"

	"github.com/aer-project/aer/transforms/enrich/asn"
	"github.com/aer-project/aer/transforms/enrich/tor"
	"github.com/aer-project/aer/transforms/strict"
)

// Defaults of Config.
const (
	// defaultRefreshEvery is how often files are looked at: exit lists are published hourly.
	defaultRefreshEvery = time.Hour
	// defaultRefreshJitter spreads the workers of a fleet over the last fifth of the interval.
	defaultRefreshJitter = 0.2
	// defaultRetryEvery is how soon a failed refresh is tried again: well before the list goes stale (6 h).
	defaultRetryEvery = 5 * time.Minute
	// defaultCacheEntries bounds each cache. A user agent with its classes takes about 400 bytes: 25 MB when full.
	defaultCacheEntries = 64 << 10
	// maxCacheEntries keeps a mistyped number from taking the worker's memory.
	maxCacheEntries = 16 << 20
)

// Config says which files enrichment uses. Start from DefaultConfig.
type Config struct {
	// Tor exit lists; an address is an exit if one of them lists it. None: nothing is Tor.
	Tor []tor.Source `yaml:"tor"`
	// TorGrace joins listings of an address at most this far apart, and outlasts them by as much.
	TorGrace time.Duration `yaml:"tor_grace"`
	// TorStaleAfter is the age of a list at which findings from it only log.
	TorStaleAfter time.Duration `yaml:"tor_stale_after"`
	// Network is the operator's network data; optional.
	Network asn.Config `yaml:"network"`
	// RefreshEvery is the age at which the files are looked at again, less a jitter of RefreshJitter (0 to 1) of it that
	// depends on WorkerID; RetryEvery is the age after a failure.
	RefreshEvery  time.Duration `yaml:"refresh_every"`
	RefreshJitter float64       `yaml:"refresh_jitter"`
	RetryEvery    time.Duration `yaml:"retry_every"`
	// WorkerID names this worker among those that read the same files.
	WorkerID string `yaml:"worker_id"`
	// CacheEntries bounds the caches of user agents and of addresses, each.
	CacheEntries int `yaml:"cache_entries"`
	// StartWithoutLists lets New succeed when a file is missing or broken. A worker that joins a
	// running pipeline wants that: it goes on without the list, and Refresh tries again. Who starts one does not.
	StartWithoutLists bool `yaml:"start_without_lists"`
}

// DefaultConfig has all defaults and no files: classes of clients only.
func DefaultConfig() Config {
	return Config{
		TorGrace:      tor.DefaultGrace,
		TorStaleAfter: tor.DefaultStaleAfter,
		RefreshEvery:  defaultRefreshEvery,
		RefreshJitter: defaultRefreshJitter,
		RetryEvery:    defaultRetryEvery,
		CacheEntries:  defaultCacheEntries,
	}
}

// Validate checks every key; the error joins all that is wrong, each with its key and what would be right.
func (c Config) Validate() error {
	var k strict.Check
	for i, s := range c.Tor {
		at := strict.Index("tor", i)
		k.Filled(at+".path", s.Path, "the path of an exit list")
		strict.Choice(&k, at+".format", s.Format, tor.Formats...)
	}
	for i, path := range c.Network.Databases {
		k.Filled(strict.Index("network.databases", i), path, "the path of an mmdb file")
	}
	k.Want(c.TorGrace > 0 && c.TorGrace <= 48*time.Hour, "tor_grace", c.TorGrace, "more than 0s and at most 48h")
	k.Want(c.TorStaleAfter >= c.TorGrace, "tor_stale_after", c.TorStaleAfter, "at least tor_grace, "+
		strict.Duration(c.TorGrace))
	k.Want(c.RefreshEvery >= time.Second, "refresh_every", c.RefreshEvery, "at least 1s")
	k.Want(c.RefreshJitter >= 0 && c.RefreshJitter <= 1, "refresh_jitter", c.RefreshJitter,
		"a share of refresh_every from 0 to 1")
	k.Want(c.RetryEvery > 0 && c.RetryEvery <= c.RefreshEvery, "retry_every", c.RetryEvery,
		"more than 0s and at most refresh_every, "+strict.Duration(c.RefreshEvery))
	k.Want(c.CacheEntries >= 1 && c.CacheEntries <= maxCacheEntries, "cache_entries", c.CacheEntries,
		fmt.Sprintf("1 to %d", maxCacheEntries))
	return k.Err()
}
