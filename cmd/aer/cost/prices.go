// SPDX-License-Identifier: Apache-2.0

package cost

import (
	_ "embed" // the prices

	"github.com/aer-project/aer/pipelines/capacity"
	"github.com/aer-project/aer/transforms/strict"
)

//go:embed prices.yaml
var pricesYAML []byte

// Price is what one unit costs, on the list.
type Price struct {
	USD  float64 `yaml:"usd" json:"usd"`
	Unit string  `yaml:"unit" json:"unit"`
	// Date is the day it was read on, as 2006-01-02.
	Date   string `yaml:"date" json:"date"`
	Source string `yaml:"source" json:"source"`
}

// Prices is the price list. prices.yaml says what each is for.
type Prices struct {
	Currency string `yaml:"currency" json:"currency"`
	Region   string `yaml:"region" json:"region"`
	PubSub   struct {
		TiB Price `yaml:"tib" json:"tib"`
	} `yaml:"pubsub" json:"pubsub"`
	Dataflow struct {
		VCPU     Price `yaml:"vcpu" json:"vcpu"`
		Memory   Price `yaml:"memory" json:"memory"`
		Disk     Price `yaml:"disk" json:"disk"`
		Data     Price `yaml:"data" json:"data"`
		Units    Price `yaml:"units" json:"units"`
		Commit1Y Price `yaml:"commit_1y" json:"commit_1y"`
		Commit3Y Price `yaml:"commit_3y" json:"commit_3y"`
	} `yaml:"dataflow" json:"dataflow"`
	Machine struct {
		VCPU   Price `yaml:"vcpu" json:"vcpu"`
		Memory Price `yaml:"memory" json:"memory"`
	} `yaml:"machine" json:"machine"`
	BigQuery struct {
		Write Price `yaml:"write" json:"write"`
		Kept  Price `yaml:"kept" json:"kept"`
		Query Price `yaml:"query" json:"query"`
	} `yaml:"bigquery" json:"bigquery"`
}

// DefaultPrices is what prices.yaml says.
func DefaultPrices() Prices {
	var p Prices
	if err := strict.Decode("prices.yaml", pricesYAML, &p); err != nil {
		panic(err) // the embedded file is part of the program: its test reads it
	}
	return p
}

// ParsePrices reads a price list; what it leaves out keeps its default. The error joins a *strict.Error for every
// mistake; name is the file in it.
func ParsePrices(name string, raw []byte) (Prices, error) {
	p := DefaultPrices()
	if err := strict.Decode(name, raw, &p); err != nil {
		return Prices{}, err
	}
	return p, nil
}

// list is every price by its key.
func (p Prices) list() map[string]Price {
	return map[string]Price{
		"pubsub.tib": p.PubSub.TiB, "dataflow.vcpu": p.Dataflow.VCPU, "dataflow.memory": p.Dataflow.Memory,
		"dataflow.disk": p.Dataflow.Disk, "dataflow.data": p.Dataflow.Data, "dataflow.units": p.Dataflow.Units,
		"dataflow.commit_1y": p.Dataflow.Commit1Y, "dataflow.commit_3y": p.Dataflow.Commit3Y,
		"machine.vcpu": p.Machine.VCPU, "machine.memory": p.Machine.Memory,
		"bigquery.write": p.BigQuery.Write, "bigquery.kept": p.BigQuery.Kept, "bigquery.query": p.BigQuery.Query,
	}
}

// Validate checks every price; the error joins all that is wrong, each with its key and what would be right.
func (p Prices) Validate() error {
	var c strict.Check
	c.Want(p.Currency == "USD", "currency", p.Currency, "USD: the command says dollars")
	c.Filled("region", p.Region, "the region that the prices are for")
	for key, price := range p.list() {
		c.Want(price.USD >= 0, key+".usd", price.USD, "a number from zero on")
		c.Filled(key+".unit", price.Unit, "what it is the price of")
		c.Filled(key+".source", price.Source, "the address of the price list")
		capacity.Dated(&c, key+".date", price.Date)
	}
	c.Want(p.Dataflow.Commit1Y.USD < 1, "dataflow.commit_1y.usd", p.Dataflow.Commit1Y.USD, "a share below 1")
	c.Want(p.Dataflow.Commit3Y.USD < 1, "dataflow.commit_3y.usd", p.Dataflow.Commit3Y.USD, "a share below 1")
	return c.Err()
}
