// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// The background: people of many organisations who go about their business.
const (
	people        = 20_000
	organisations = 50
	// tick is how often messages are published: one a tick, with all events of it.
	tick = time.Millisecond
)

// Attacks by lane. Each is somebody's in an organisation of their own, so that no budget stands in the way of another.
const (
	// torExit is an address of the list that AER is given: what the fast lane knows from one event.
	torExit = "203.0.113.5"
	// scraped objects are read at one moment: more than anybody may on an account's first day, so that the slice that
	// holds them is judged by them alone.
	scraped = 200
)

const (
	browser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 " +
		"Safari/537.36"
	torBrowser = "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"
)

// load publishes events on a timetable that does not wait for anybody: what is published late has the time at which it
// was due, and so counts as late.
type load struct {
	bus  bus
	rate int
	// attackEvery is the time between two attacks of a lane, from begins on.
	attackEvery time.Duration
	begins      time.Time
	told        func(attack)

	random *rand.Rand
	n      int // events so far, which name them
}

// attack is one that AER should answer.
type attack struct {
	lane, user string
	// at is the event time of its last event, and when that was due to be published.
	at time.Time
}

// Lanes.
const (
	fast  = "fast lane (Tor)"
	slice = "slices (scraping)"
)

// run publishes until the time is over and returns by how much the last message was late.
func (l *load) run(ctx context.Context, from, until time.Time) time.Duration {
	from = from.Truncate(time.Microsecond) // what events can say
	perTick := float64(l.rate) * tick.Seconds()
	owed, attacks := 0.0, 0
	var late time.Duration
	for due := from; due.Before(until) && ctx.Err() == nil; due = due.Add(tick) {
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		} else {
			late = -wait
		}
		owed += perTick
		if n := int(owed); n > 0 {
			owed -= float64(n)
			l.bus.publish(l.ordinary(n, due), due)
		}
		if since := due.Sub(l.begins); since >= time.Duration(attacks)*l.attackEvery {
			attacks++
			l.attack(attacks, due)
		}
	}
	return late
}

// ordinary is a message of events of the background.
func (l *load) ordinary(n int, at time.Time) []byte {
	raw := []byte{'['}
	for i := range n {
		if i > 0 {
			raw = append(raw, ',')
		}
		p := l.random.IntN(people)
		raw = l.event(raw, fmt.Sprint("O", p%organisations), fmt.Sprint("U", p), "file_viewed", l.random.IntN(400), at,
			fmt.Sprintf("198.51.%d.%d", p/256%256, p%256), browser)
	}
	return append(raw, ']')
}

// attack publishes one of either lane.
func (l *load) attack(i int, at time.Time) {
	tor, scraper := fmt.Sprint("tor-", i), fmt.Sprint("scraper-", i)
	l.bus.publish(append(l.event([]byte{'['}, "O-"+tor, tor, "user_login", 0, at, torExit, torBrowser), ']'), at)
	raw := []byte{'['}
	for object := range scraped {
		if object > 0 {
			raw = append(raw, ',')
		}
		raw = l.event(raw, "O-"+scraper, scraper, "file_viewed", object, at, "198.51.100.7", browser)
	}
	l.bus.publish(append(raw, ']'), at)
	l.told(attack{fast, tor, at})
	l.told(attack{slice, scraper, at})
}

// event appends an event in its native form.
func (l *load) event(raw []byte, org, user, action string, object int, at time.Time, ip, agent string) []byte {
	l.n++
	return fmt.Appendf(raw, `{"id":"e-%d","time":"%s","org_id":"%s","user_id":"%s","session_id":"S-%s","action":"%s",`+
		`"object":{"type":"file","id":"F%d"},"client":{"ip":"%s","user_agent":"%s"}}`,
		l.n, at.UTC().Format(time.RFC3339Nano), org, user, user, action, object, ip, agent)
}
