// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// org is an organisation, its people and the things they work with.
type org struct {
	id, name, country string
	index             int
	zone              float64
	traits            traits
	office            network
	people            []*person
	scripts           []*script
	sessionLife       time.Duration
	// sensitivity of all its detectors.
	sensitivity     string
	channels, files []string
	// changes are what becomes of the whole organisation, in the order of their times.
	changes []change
	// ended are times at which every session was ended.
	ended []time.Time
	// busy is the day on which everybody has four times as much to do; 0 for none.
	busy int
	// taken are the days on which something happens to all of it.
	taken []int
}

// change alters what everybody shows from a time on.
type change struct {
	from  time.Time
	apply func(time.Time, *session, *look)
}

// names of organisations, invented.
var names = []string{
	"alder", "birch", "cypress", "dogwood", "elm", "fir", "ginkgo", "hazel", "ironwood", "juniper", "katsura", "larch",
	"maple", "nutmeg", "oak", "pine", "quince", "rowan", "spruce", "teak", "yew",
}

func (o *org) endedBetween(from, until time.Time) bool {
	for _, t := range o.ended {
		if from.Before(t) && !until.Before(t) {
			return true
		}
	}
	return false
}

// changedAround says whether something happens to the whole organisation on day d or just before.
func (o *org) changedAround(d int) bool {
	return slices.ContainsFunc(o.taken, func(from int) bool { return d >= from && d <= from+2 })
}

// person is somebody with an account.
type person struct {
	org             *org
	id, name, email string
	// kind is member, guest, external or bot (aerv1.User*).
	kind string
	// n counts the people of an organisation of the demo.
	n             int
	groups, roles []string
	// machines are what the person works on: the first is the main one.
	laptop, second, phone *machine
	home, mobile          network
	// remote is the share of days at home; vpn, if set, is a network that is switched on and off.
	remote float64
	vpn    *network
	// talks: the app's WebView and media player are seen beside it.
	companions      bool
	busy            float64
	channels, files []string
	sessions        []*session
	joined          int
	// downloads is how many files the person takes on an ordinary day, beyond the odd one.
	downloads int
	// away are days on which the person does nothing by themselves.
	away map[int]bool
	// habit is something the person does every working day.
	habit func(w *world, r *rand.Rand, p *person, d int)
	// cast: the person has a part already.
	cast bool
}

func (w *world) newOrg(index, people int) *org {
	r := w.random(fmt.Sprintf("org %d", index))
	c := countries[index%len(countries)]
	block := w.nets.block()
	o := &org{
		id: names[index], name: names[index], index: index, country: c.code, zone: c.zone,
		sensitivity: aerv1.SensitivityMedium,
		traits: traits{devices: index%4 != 3, prints: index%5 != 4, networks: index%7 != 6, cookies: index%2 == 0,
			untidy: index%6 == 5},
		office: network{v4: []string{block + ".4"}, asn: uint32(64800 + index), country: c.code},
		sessionLife: []time.Duration{3 * 24 * time.Hour, 7 * 24 * time.Hour, 14 * 24 * time.Hour,
			30 * 24 * time.Hour}[r.IntN(4)],
	}
	switch index % 6 {
	case 1:
		o.sensitivity = aerv1.SensitivityHigh
	case 4:
		o.sensitivity = aerv1.SensitivityLow
	}
	if r.IntN(2) == 0 {
		o.office.v4 = append(o.office.v4, block+".5", block+".6")
	}
	for i := range 20 + people/2 {
		o.channels = append(o.channels, fmt.Sprintf("C-%s-%03d", o.id, i))
	}
	for i := range 400 + 12*people {
		o.files = append(o.files, fmt.Sprintf("F-%s-%04d", o.id, i))
	}
	for n := range people {
		o.people = append(o.people, w.newPerson(o, n))
	}
	w.addScripts(o, r)
	return o
}

func (w *world) newPerson(o *org, n int) *person {
	r := w.random(fmt.Sprintf("person %s %d", o.id, n))
	p := o.employ(fmt.Sprintf("U%02d%03d", o.index, n), aerv1.UserMember)
	p.home, p.mobile, p.remote = w.nets.home(r, o.country), w.nets.mobile(r, o.country), r.Float64()*r.Float64()
	p.busy, p.channels, p.files, p.companions = 0.6+0.8*r.Float64(), pick(r, o.channels, 8),
		pick(r, o.files, 40), r.Float64() < 0.4
	system := onWindows
	if x := r.Float64(); x > 0.9 {
		system = onLinux
	} else if x > 0.55 {
		system = onMac
	}
	main := r.IntN(len(system))
	p.laptop = newMachine(r, system[main])
	if r.Float64() < 0.3 {
		p.second = newMachine(r, system[(main+1)%len(system)])
		if p.second.family == p.laptop.family {
			p.second = nil
		}
	}
	p.phone = newMachine(r, []program{slackIOS, slackAndroid, slackAndroid, safariIPad}[r.IntN(4)])
	if r.Float64() < 0.08 {
		vpn := at(fmt.Sprintf("198.51.100.%d", 1+r.IntN(250)), asnM247, otherCountry(r, o.country))
		p.vpn = &vpn
	}
	w.give(p, r, n)
	return p
}

// give some people a part of their own in the organisation's life.
func (w *world) give(p *person, r *rand.Rand, n int) {
	switch x := r.Float64(); {
	case n == 0: // the administrator is there from the first day
	case x < 0.05:
		p.downloads = 25 + r.IntN(35)
	case x < 0.10:
		p.joined = 1 + r.IntN(QualityDays-2)
	case x < 0.13:
		p.kind = aerv1.UserGuest
	}
}

func newMachine(r *rand.Rand, kind program) *machine {
	m := &machine{program: kind, lag: r.IntN(4), varied: r.Float64() < 0.5}
	if kind.os != "" {
		m.id = deviceID(r)
	} else {
		m.varied = false
	}
	return m
}

func deviceID(r *rand.Rand) string { return fmt.Sprintf("d-%012x", r.Uint64()&0xffffffffffff) }

// employ makes a person of the organisation, named after the id. The first has every role.
func (o *org) employ(id, kind string) *person {
	p := &person{org: o, id: id, name: "Person " + id, email: id + "@" + o.domain(), kind: kind, away: map[int]bool{}}
	if len(o.people) == 0 {
		p.roles = []string{aerv1.RoleOrgPrimaryOwner, aerv1.RoleSecurityAdmin}
	}
	return p
}

func (o *org) domain() string { return o.id + ".example" }

func (o *org) directory() *aerv1.Directory {
	d := &aerv1.Directory{OrgId: o.id, Name: o.name, Domain: o.domain()}
	for _, p := range o.people {
		d.People = append(d.People, &aerv1.Person{
			UserId: p.id, Name: p.name, Email: p.email, Language: "en", Type: p.kind, Groups: p.groups, Roles: p.roles,
		})
	}
	return d
}
