// SPDX-License-Identifier: Apache-2.0

package capacity

import (
	_ "embed" // the figures
	"math"
	"reflect"
	"time"

	"github.com/aer-project/aer/transforms/strict"
)

//go:embed measured.yaml
var measuredYAML []byte

// Figure is one number that was measured.
type Figure struct {
	Value float64 `yaml:"value" json:"value"`
	// Date is the day it was measured on, as 2006-01-02, and How says on what.
	Date string `yaml:"date" json:"date"`
	How  string `yaml:"how" json:"how"`
}

// Measured is what AER takes. measured.yaml says what each figure means and its unit.
type Measured struct {
	Wire    Wire    `yaml:"wire" json:"wire"`
	Packed  Packed  `yaml:"packed" json:"packed"`
	CPU     CPU     `yaml:"cpu" json:"cpu"`
	State   State   `yaml:"state" json:"state"`
	Rows    Rows    `yaml:"rows" json:"rows"`
	Assumed Assumed `yaml:"assumed" json:"assumed"`
}

// DefaultMeasured is what measured.yaml says.
func DefaultMeasured() Measured {
	var m Measured
	if err := strict.Decode("measured.yaml", measuredYAML, &m); err != nil {
		panic(err) // the embedded file is part of the program: its test reads it
	}
	return m
}

// ParseMeasured reads a file of figures; what it leaves out keeps its default. The error joins a *strict.Error for
// every mistake; name is the file in it.
func ParseMeasured(name string, raw []byte) (Measured, error) {
	m := DefaultMeasured()
	if err := strict.Decode(name, raw, &m); err != nil {
		return Measured{}, err
	}
	return m, nil
}

// Validate checks every figure; the error joins all that is wrong, each with its key and what would be right.
func (m Measured) Validate() error {
	var c strict.Check
	eachFigure("", reflect.ValueOf(m), func(key string, f Figure) {
		c.Want(f.Value > 0, key+".value", f.Value, "a number above zero")
		Dated(&c, key+".date", f.Date)
		c.Filled(key+".how", f.How, "a few words on what it was measured on")
	})
	Dated(&c, "packed.date", m.Packed.Date)
	c.Filled("packed.how", m.Packed.How, "a few words on what it was measured on")
	c.Want(len(m.Packed.Steps) > 0, "packed.steps", "[]", "a list of {events, bytes}, from small batches to large ones")
	before := 0.0
	for i, s := range m.Packed.Steps {
		key := strict.Index("packed.steps", i)
		c.Want(s.Events >= 1 && s.Events > before, key+".events", s.Events, "more events than in the step before, from 1 on")
		c.Want(s.Bytes > 0, key+".bytes", s.Bytes, "a number above zero")
		before = s.Events
	}
	used := m.Assumed.Utilisation.Value
	c.Want(used <= 1, "assumed.utilisation.value", used, "a share, at most 1")
	return c.Err()
}

// Dated notes that a text is no day.
func Dated(c *strict.Check, key, date string) {
	_, err := time.Parse(time.DateOnly, date)
	c.Want(err == nil, key, date, "a day as 2026-11-27")
}

var figureType = reflect.TypeFor[Figure]()

// eachFigure calls f for every figure in a struct, with its key.
func eachFigure(key string, v reflect.Value, f func(string, Figure)) {
	for i := range v.NumField() {
		at := strict.Join(key, v.Type().Field(i).Tag.Get("yaml"))
		switch field := v.Field(i); {
		case field.Type() == figureType:
			f(at, field.Interface().(Figure))
		case field.Kind() == reflect.Struct:
			eachFigure(at, field, f)
		}
	}
}

// Wire is the bytes of an event in a message, by form.
type Wire struct {
	JSON         Figure `yaml:"json" json:"json"`
	JSONZstd     Figure `yaml:"json_zstd" json:"json_zstd"`
	Protobuf     Figure `yaml:"protobuf" json:"protobuf"`
	ProtobufZstd Figure `yaml:"protobuf_zstd" json:"protobuf_zstd"`
}

// Packed is the bytes of an event in batches, from small ones to large ones.
type Packed struct {
	Date  string `yaml:"date" json:"date"`
	How   string `yaml:"how" json:"how"`
	Steps []Step `yaml:"steps" json:"steps"`
}

// Step is the bytes an event takes in a batch of so many events.
type Step struct {
	Events float64 `yaml:"events" json:"events"`
	Bytes  float64 `yaml:"bytes" json:"bytes"`
}

// Bytes is what an event takes in a batch of so many: between two steps by the logarithm of the events, beyond the last
// as there.
func (p Packed) Bytes(events float64) float64 {
	last := p.Steps[0]
	for _, s := range p.Steps {
		if events <= s.Events {
			if s.Events == last.Events {
				return s.Bytes
			}
			part := math.Log(max(events, last.Events)/last.Events) / math.Log(s.Events/last.Events)
			return last.Bytes + part*(s.Bytes-last.Bytes)
		}
		last = s
	}
	return last.Bytes
}

// CPU is microseconds of an event by stage, and of a batch.
type CPU struct {
	Decode   Figure `yaml:"decode" json:"decode"`
	Enrich   Figure `yaml:"enrich" json:"enrich"`
	Slices   Figure `yaml:"slices" json:"slices"`
	Profiles Figure `yaml:"profiles" json:"profiles"`
	Beam     Figure `yaml:"beam" json:"beam"`
	Batch    Figure `yaml:"batch" json:"batch"`
}

// State is what a profile takes, and how often it is written.
type State struct {
	ProfileBytes Figure `yaml:"profile_bytes" json:"profile_bytes"`
	ProfileHeap  Figure `yaml:"profile_heap" json:"profile_heap"`
	GCFactor     Figure `yaml:"gc_factor" json:"gc_factor"`
	Writes       Figure `yaml:"writes" json:"writes"`
}

// Rows is what goes to the warehouse.
type Rows struct {
	Slices      Figure `yaml:"slices" json:"slices"`
	RowBytes    Figure `yaml:"row_bytes" json:"row_bytes"`
	HourlyRead  Figure `yaml:"hourly_read" json:"hourly_read"`
	DailyRead   Figure `yaml:"daily_read" json:"daily_read"`
	ObjectsRead Figure `yaml:"objects_read" json:"objects_read"`
	// Of one user and day in the tables that are derived.
	UserDayBytes Figure `yaml:"user_day_bytes" json:"user_day_bytes"`
	UserDayRead  Figure `yaml:"user_day_read" json:"user_day_read"`
	ClientsRead  Figure `yaml:"clients_read" json:"clients_read"`
	Findings     Figure `yaml:"findings" json:"findings"`
}

// Assumed is what nobody has measured for AER yet.
type Assumed struct {
	BundleEvents  Figure `yaml:"bundle_events" json:"bundle_events"`
	UnitsPerTiB   Figure `yaml:"units_per_tib" json:"units_per_tib"`
	MessageBytes  Figure `yaml:"message_bytes" json:"message_bytes"`
	Utilisation   Figure `yaml:"utilisation" json:"utilisation"`
	GiBPerVCPU    Figure `yaml:"gib_per_vcpu" json:"gib_per_vcpu"`
	GiBPerVCPUMax Figure `yaml:"gib_per_vcpu_max" json:"gib_per_vcpu_max"`
}
