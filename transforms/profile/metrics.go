// SPDX-License-Identifier: Apache-2.0

package profile

import aerv1 "github.com/aer-project/aer/schemas/aer/v1"

// Metric is a number that is followed for every user over a sliding horizon.
type Metric struct {
	// Name is unique; Quantity and Horizon name the baseline rows it is compared with.
	Name, Quantity, Horizon string
	// HorizonMS is the horizon's length.
	HorizonMS int64
	// Value is the metric of the profile over the horizon that ends at endMS.
	Value func(p *aerv1.Profile, endMS int64) float64
}

// FromMS is where the horizon that ends at endMS begins, Unix milliseconds. Horizons of several days are whole days
// (UTC), the last of them as far as it has come, as in the baselines: seven times 24 hours back from any moment hold
// what is done once a week twice, when it is done a little earlier than the week before.
func (m Metric) FromMS(endMS int64) int64 {
	if m.HorizonMS > dayMS {
		endMS = (endMS-1)/dayMS*dayMS + dayMS
	}
	return endMS - m.HorizonMS
}

// moves says whether a slice can raise the metric: what it does not touch can only fall as time goes by.
func (m Metric) moves(s *aerv1.Slice) bool {
	switch m.Quantity {
	case "downloads", "download_bytes":
		return s.Downloads != nil
	case "reads":
		return s.Reads != nil
	}
	return len(s.Methods) > 0
}

const (
	minuteMS = int64(60_000)
	hourMS   = 60 * minuteMS
)

// Metrics are all metrics whose daily peaks are remembered as the user's habit.
var Metrics = []Metric{
	objects("downloads_1h", "downloads", "1h", hourMS, downloads, all),
	objects("downloads_24h", "downloads", "24h", dayMS, downloads, all),
	objects("downloads_7d", "downloads", "7d", 7*dayMS, downloads, all),
	objects("new_downloads_5m", "downloads", "5m", 5*minuteMS, downloads, fresh),
	objects("new_downloads_15m", "downloads", "15m", 15*minuteMS, downloads, fresh),
	objects("new_downloads_1h", "downloads", "1h", hourMS, downloads, fresh),
	objects("new_downloads_24h", "downloads", "24h", dayMS, downloads, fresh),
	objects("new_downloads_7d", "downloads", "7d", 7*dayMS, downloads, fresh),
	objects("reads_5m", "reads", "5m", 5*minuteMS, reads, all),
	objects("reads_1h", "reads", "1h", hourMS, reads, all),
	objects("reads_24h", "reads", "24h", dayMS, reads, all),
	objects("new_reads_5m", "reads", "5m", 5*minuteMS, reads, fresh),
	objects("new_reads_1h", "reads", "1h", hourMS, reads, fresh),
	objects("new_reads_24h", "reads", "24h", dayMS, reads, fresh),
	calls("calls_5m", "5m", 5*minuteMS, 5),
	calls("calls_1h", "1h", hourMS, 60),
	{"calls_24h", "calls", "24h", dayMS, func(p *aerv1.Profile, endMS int64) float64 {
		return allCalls(Sum(p.Hours, index(endMS, hourMS), 24))
	}},
	{"download_bytes_24h", "download_bytes", "24h", dayMS, func(p *aerv1.Profile, endMS int64) float64 {
		return float64(Sum(p.Hours, index(endMS, hourMS), 24).DownloadBytes)
	}},
}

// ByName is the metric of that name; it panics on a name that is not in Metrics, which only a programmer can cause.
func ByName(name string) Metric {
	for _, m := range Metrics {
		if m.Name == name {
			return m
		}
	}
	panic("profile: no metric " + name)
}

func downloads(p *aerv1.Profile) *aerv1.ObjectMemory { return p.Downloads }
func reads(p *aerv1.Profile) *aerv1.ObjectMemory     { return p.Reads }
func all(distinct, _ int) int                        { return distinct }
func fresh(_, fresh int) int                         { return fresh }

func objects(name, quantity, horizon string, ms int64, of func(*aerv1.Profile) *aerv1.ObjectMemory,
	pick func(int, int) int) Metric {
	m := Metric{Name: name, Quantity: quantity, Horizon: horizon, HorizonMS: ms}
	m.Value = func(p *aerv1.Profile, endMS int64) float64 {
		return float64(pick(Touched(of(p), endMS/1000, (endMS-m.FromMS(endMS))/1000)))
	}
	return m
}

func calls(name, horizon string, ms int64, minutes uint32) Metric {
	return Metric{name, "calls", horizon, ms, func(p *aerv1.Profile, endMS int64) float64 {
		return allCalls(Sum(p.Minutes, index(endMS, minuteMS), minutes))
	}}
}

func allCalls(b *aerv1.Bucket) float64 { return float64(b.CallsInteractive + b.CallsAutomated) }

// index is the bucket of length ms that holds the last moment before endMS.
func index(endMS, ms int64) uint32 { return uint32((endMS - 1) / ms) }
