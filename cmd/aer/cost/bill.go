// SPDX-License-Identifier: Apache-2.0

package cost

import (
	"github.com/aer-project/aer/pipelines/capacity"
)

// Lengths and sizes that quantities are counted in.
const (
	monthHours = 730
	monthDays  = monthHours / 24.0
	gib        = 1 << 30
	tib        = 1 << 40
)

// Item is one line of a bill.
type Item struct {
	Group    string  `json:"group"`
	Name     string  `json:"name"`
	Quantity float64 `json:"quantity"`
	Unit     string  `json:"unit"`
	Price    float64 `json:"usd_per_unit"`
	USD      float64 `json:"usd"`
}

// Bill is what one month costs.
type Bill struct {
	Settings Settings      `json:"settings"`
	Plan     capacity.Plan `json:"plan"`
	Event    Event         `json:"event"`
	Items    []Item        `json:"items"`
	USD      float64       `json:"usd"`
	// PerBillion is dollars for a billion events.
	PerBillion float64 `json:"usd_per_billion_events"`
}

// Event is what one event takes in the mean.
type Event struct {
	CPUMicros float64 `json:"cpu_us"`
	// Bytes in Pub/Sub, each way.
	Wire float64 `json:"wire_bytes"`
	// Bytes through Streaming Engine: received, across the first shuffle, to the shards, to their state, to the warehouse.
	Shuffled float64 `json:"first_shuffle_bytes"`
	Batched  float64 `json:"batch_bytes"`
	Stored   float64 `json:"state_bytes"`
	Activity float64 `json:"activity_bytes"`
	// Rows of activity, and bytes of them that the derivation of baselines reads again later.
	Rows float64 `json:"activity_rows"`
	Read float64 `json:"activity_read_bytes"`
}

// through is the bytes that go through Streaming Engine.
func (e Event) through() float64 { return e.Wire + e.Shuffled + e.Batched + e.Stored + e.Activity }

// eventFor computes what one event takes.
func eventFor(s Settings, p capacity.Plan, m capacity.Measured) Event {
	wire := m.Wire.JSON.Value
	if s.Wire == WireProtobufZstd {
		wire = m.Wire.ProtobufZstd.Value
	}
	r := m.Rows
	e := Event{CPUMicros: p.CPUMicros, Wire: wire + m.Assumed.MessageBytes.Value/s.Wire.messageEvents()}
	e.Shuffled = m.Packed.Bytes(max(1, m.Assumed.BundleEvents.Value/s.Layout.Shards))
	e.Batched = m.Packed.Bytes(p.EventsPerBatch)
	e.Stored = e.Batched * m.State.Writes.Value
	if !s.ByHour {
		e.Rows = r.Slices.Value * s.ActivityShare
		e.Activity = e.Batched*s.ActivityShare + e.Rows*r.RowBytes.Value // a reshuffle before the sink, and to it
	}
	e.Read = e.Rows * derived(r)
	return e
}

// derived is the bytes of a row of activity that scheduled_hourly.sql and scheduled_daily.sql read over its life: an
// hour and two days for activity_hourly, eight days for activity_daily, and in both the five weeks before, to see which
// objects are new (37 and 43 days, by the statement).
func derived(r capacity.Rows) float64 {
	return 3*r.HourlyRead.Value + 8*r.DailyRead.Value + (37+43)*r.ObjectsRead.Value
}

// BillFor computes one month.
func BillFor(l capacity.Load, s Settings, p Prices, m capacity.Measured) Bill {
	plan := capacity.PlanFor(l, s.Layout, m)
	b := Bill{Settings: s, Plan: plan, Event: eventFor(s, plan, m)}
	events := l.EventsPerDay * monthDays
	b.add("Pub/Sub", "published", events*b.Event.Wire/tib, p.PubSub.TiB, 0)
	b.add("Pub/Sub", "delivered", events*b.Event.Wire/tib, p.PubSub.TiB, 0)
	b.workers(p, m)
	b.engine(events, p, m)
	b.warehouse(events, l.Users, p, m)
	for _, i := range b.Items {
		b.USD += i.USD
	}
	b.PerBillion = b.USD / (events / 1e9)
	return b
}

func (b *Bill) add(group, name string, quantity float64, p Price, discount float64) {
	usd := p.USD * (1 - discount)
	b.Items = append(b.Items,
		Item{Group: group, Name: name, Quantity: quantity, Unit: p.Unit, Price: usd, USD: quantity * usd})
}

const (
	// workerDiskGiB is what a worker needs for its image and logs where state is with the service.
	workerDiskGiB = 30
	// freeForProfiles is the share of the memory of a worker that the work itself leaves.
	freeForProfiles = 0.5
)

// workers are as many vCPUs as the work takes. Memory of profiles beyond what comes with those, and the vCPUs that a
// machine with so much memory has, are billed as state.
func (b *Bill) workers(p Prices, m capacity.Measured) {
	a := m.Assumed
	vcpu := max(1, b.Plan.VCPUMean)
	if b.Settings.Peak {
		vcpu = max(1, b.Plan.VCPUPeak)
	}
	memory := vcpu * a.GiBPerVCPU.Value
	profiles := max(0, b.Plan.HeapBytes/gib-memory*freeForProfiles)
	idle := max(0, (memory+profiles)/a.GiBPerVCPUMax.Value-vcpu)
	cpu, ram, off := p.Dataflow.VCPU, p.Dataflow.Memory, b.Settings.Commit
	if b.Settings.OwnMachines {
		cpu, ram, off = p.Machine.VCPU, p.Machine.Memory, 0
	}
	b.add("workers", "vCPU", vcpu*monthHours, cpu, off)
	b.add("workers", "memory", memory*monthHours, ram, off)
	b.add("workers", "disk", (vcpu+idle)/capacity.WorkerVCPU*workerDiskGiB*monthHours, p.Dataflow.Disk, 0)
	b.add("state", "memory of profiles", profiles*monthHours, ram, off)
	b.add("state", "vCPUs that bring it", idle*monthHours, cpu, off)
}

func (b *Bill) engine(events float64, p Prices, m capacity.Measured) {
	through := events * b.Event.through()
	data, units := through/gib, 0.0
	if b.Settings.Units {
		data, units = 0, through/tib*m.Assumed.UnitsPerTiB.Value
	}
	if b.Settings.OwnMachines {
		data, units = 0, 0
	}
	b.add("shuffle", "Streaming Engine, by data", data, p.Dataflow.Data, b.Settings.Commit)
	b.add("shuffle", "Streaming Engine, by units", units, p.Dataflow.Units, b.Settings.Commit)
}

// warehouse is the rows of activity, those that are derived from them, and what deriving them reads.
func (b *Bill) warehouse(events, users float64, p Prices, m capacity.Measured) {
	s, r := b.Settings, m.Rows
	written := events * b.Event.Rows * r.RowBytes.Value / gib
	people := users * s.ActivityShare // each of them every day
	billed := written
	if s.ByHour {
		billed = people * monthDays * r.UserDayBytes.Value / gib
	}
	if s.LoadJobs {
		billed = 0
	}
	read := events*b.Event.Read + people*monthDays*(r.UserDayRead.Value+s.KeptDays*r.ClientsRead.Value)
	b.add("warehouse", "activity written", billed, p.BigQuery.Write, 0)
	b.add("warehouse", "activity kept", written*s.KeptDays/monthDays+people*s.KeptDays*r.UserDayBytes.Value/gib,
		p.BigQuery.Kept, 0)
	b.add("warehouse", "baselines derived", read/tib, p.BigQuery.Query, 0)
}
