// SPDX-License-Identifier: Apache-2.0

package simulate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// demoOrg is what an organisation of the demo is made from.
type demoOrg struct {
	id, name, country string
	people            int
	// The office network: a prefix of three octets, and its AS number (private use, RFC 6996).
	office string
	asn    uint32
}

var demoOrgs = []demoOrg{
	{"aurora", "Aurora Labs", "DE", 30, "198.18.10", 64601},
	{"brightwater", "Brightwater Media", "US", 34, "198.18.20", 64602},
	{"cedar", "Cedar Bank", "GB", 26, "198.18.30", 64603},
}

var firstNames = []string{
	"Ada", "Bela", "Carla", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Keiko", "Lamar",
	"Mira", "Nadia", "Olu",
	"Petra", "Quinn", "Rosa", "Sami", "Tove", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zora", "Anton",
	"Bruna", "Chidi", "Dana",
	"Emil", "Farah", "Goran", "Hana",
}

var lastNames = []string{
	"Okafor", "Lindqvist", "Moreau", "Tanaka", "Silva", "Novak", "Haddad", "Becker", "Rossi", "Kowalski",
	"Ahmed", "Jensen",
	"Castillo", "Murphy", "Ivanova", "Nguyen", "Mensah", "Vogel", "Santos", "Larsen", "Dubois", "Yamada", "Fischer",
}

func (w *demo) newOrg(index int, plan demoOrg) *org {
	o := &org{
		id: plan.id, name: plan.name, country: plan.country, sessionLife: 7 * 24 * time.Hour,
		traits: traits{devices: true, prints: true, networks: true, cookies: true},
		office: at(plan.office+".4", plan.asn, plan.country),
	}
	for i := range 40 {
		o.channels = append(o.channels, fmt.Sprintf("C-%s-%02d", plan.id, i))
	}
	for i := range 900 {
		o.files = append(o.files, fmt.Sprintf("F-%s-%03d", plan.id, i))
	}
	for n := range plan.people {
		o.people = append(o.people, w.newPerson(o, index, n))
	}
	return o
}

func (w *demo) newPerson(o *org, index, n int) *person {
	r := w.random(fmt.Sprintf("person %s %d", o.id, n))
	first, last := firstNames[(n+11*index)%len(firstNames)], lastNames[(n*5+7*index)%len(lastNames)]
	p := o.employ(fmt.Sprintf("U%c%02d", strings.ToUpper(o.id)[0], n), aerv1.UserMember)
	p.n, p.name, p.email = n, first+" "+last, strings.ToLower(first+"."+last)+"@"+o.domain()
	p.home = at(fmt.Sprintf("198.19.%d.%d", 10*index+n/10, 10+20*(n%10)+r.IntN(10)), 64610+uint32(r.IntN(4)), o.country)
	p.mobile = at(fmt.Sprintf("198.18.%d.%d", 100+10*index+n/10, 10+20*(n%10)+r.IntN(10)),
		64620+uint32(r.IntN(2)), o.country)
	p.laptop = newDevice(r, demoLaptops[r.IntN(len(demoLaptops))])
	p.phone = newDevice(r, []program{slackIOS, slackAndroid}[r.IntN(2)])
	p.channels = pick(r, o.channels, 8)
	p.files = pick(r, o.files, 30)
	w.cast(p)
	return p
}

// cast gives some people of each organisation a part in the story.
func (w *demo) cast(p *person) {
	switch p.n {
	case 1:
		p.roles = []string{aerv1.RoleSecurityAdmin}
	case 2:
		p.kind, p.name, p.email = aerv1.UserBot, "Sync integration", ""
		p.laptop = newDevice(w.random("integration "+p.id), requests)
	case 3:
		p.kind = aerv1.UserExternal
		p.email = strings.Replace(p.email, "@", "@partner-of-", 1)
	case 4:
		p.kind = aerv1.UserGuest
	case 5:
		p.groups, p.downloads = []string{"archive"}, 45
	case 6:
		p.joined = w.days - 1
	}
}

var (
	demoLaptops = []program{chromeWindows, chromeMac, firefoxLinux, firefoxWindows, safariMac, slackMac,
		slackWindows, slackWindows}
	torBrowser = program{"firefox", "windows", "Mozilla/5.0 (Windows NT 10.0; rv:%v) Gecko/20100101 Firefox/%v", gecko,
		[]release{{-30, "128.0", 9}}}
)

// newDevice is a machine of the demo, where nobody updates a program unless that is part of the story.
func newDevice(r *rand.Rand, kind program) *machine {
	m := &machine{program: kind}
	m.releases = m.releases[:1]
	if kind.os != "" {
		m.id = deviceID(r)
	}
	return m
}
