// SPDX-License-Identifier: Apache-2.0

package profile

import (
	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// Metric is a number that is followed for every user over a sliding horizon, and whose daily peaks are the user's
// habit.
type Metric uint8

// The metrics, in the order of their names.
const (
	Calls1h Metric = iota
	Calls5m
	NewDownloads15m
	NewDownloads1h
	NewDownloads24h
	NewDownloads5m
	NewDownloads7d
	NewReads1h
	NewReads24h
	NewReads5m
	MetricCount
)

const (
	minuteMS = int64(60_000)
	hourMS   = 60 * minuteMS
)

// quantity is what is measured.
type quantity uint8

const (
	calls quantity = iota
	downloads
	reads
)

// quantities are the names that the baselines have for them.
var quantities = [...]string{calls: "calls", downloads: "downloads", reads: "reads"}

// spec is what a metric measures. Name is unique and is what evidence says; quantity and horizon name the rows of the
// baseline that it is compared with.
type spec struct {
	name, horizon string
	horizonMS     int64
	quantity      quantity
}

var specs = [MetricCount]spec{
	Calls1h:         {"calls_1h", "1h", hourMS, calls},
	Calls5m:         {"calls_5m", "5m", 5 * minuteMS, calls},
	NewDownloads15m: {"new_downloads_15m", "15m", 15 * minuteMS, downloads},
	NewDownloads1h:  {"new_downloads_1h", "1h", hourMS, downloads},
	NewDownloads24h: {"new_downloads_24h", "24h", dayMS, downloads},
	NewDownloads5m:  {"new_downloads_5m", "5m", 5 * minuteMS, downloads},
	NewDownloads7d:  {"new_downloads_7d", "7d", 7 * dayMS, downloads},
	NewReads1h:      {"new_reads_1h", "1h", hourMS, reads},
	NewReads24h:     {"new_reads_24h", "24h", dayMS, reads},
	NewReads5m:      {"new_reads_5m", "5m", 5 * minuteMS, reads},
}

// String is the metric's name, which evidence and stored profiles say.
func (m Metric) String() string { return specs[m].name }

// Quantity and Horizon name the rows of the baseline that the metric is compared with.
func (m Metric) Quantity() string { return quantities[specs[m].quantity] }

// Horizon is the horizon's length in words, such as 24h.
func (m Metric) Horizon() string { return specs[m].horizon }

// HorizonMS is the horizon's length, milliseconds.
func (m Metric) HorizonMS() int64 { return specs[m].horizonMS }

// FromMS is where the horizon that ends at endMS begins, Unix milliseconds. Horizons of several days are whole days
// (UTC), the last of them as far as it has come, as in the baselines: seven times 24 hours back from any moment hold
// what is done once a week twice, when it is done a little earlier than the week before.
func (m Metric) FromMS(endMS int64) int64 {
	horizon := specs[m].horizonMS
	if horizon > dayMS {
		endMS = (endMS-1)/dayMS*dayMS + dayMS
	}
	return endMS - horizon
}

// Value is the metric of the profile over the horizon that ends at endMS.
func (m Metric) Value(p *Profile, endMS int64) uint32 {
	switch specs[m].quantity {
	case downloads:
		return uint32(p.Downloads.Fresh(endMS/1000, (endMS-m.FromMS(endMS))/1000))
	case reads:
		return uint32(p.Reads.Fresh(endMS/1000, (endMS-m.FromMS(endMS))/1000))
	}
	return p.callsUntil(index(endMS, minuteMS), uint32(specs[m].horizonMS/minuteMS))
}

// moves says whether a slice can raise the metric: what it does not touch can only fall as time goes by.
func (m Metric) moves(s *aerv1.Slice) bool {
	switch specs[m].quantity {
	case downloads:
		return s.Downloads != nil
	case reads:
		return s.Reads != nil
	}
	return len(s.Methods) > 0
}

// index is the bucket of length ms that holds the last moment before endMS.
func index(endMS, ms int64) uint32 { return uint32((endMS - 1) / ms) }
