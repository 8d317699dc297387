package simulate

import (
	"fmt"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// orgPlan is what an organisation is made from.
type orgPlan struct {
	id, name, country string
	people            int
	// The office network: a prefix of three octets, and its AS number (private use, RFC 6996).
	office string
	asn    uint32
}

var orgPlans = []orgPlan{
	{"aurora", "Aurora Labs", "DE", 30, "198.18.10", 64601},
	{"brightwater", "Brightwater Media", "US", 34, "198.18.20", 64602},
	{"cedar", "Cedar Bank", "GB", 26, "198.18.30", 64603},
}

var firstNames = []string{
	"Ada", "Bela", "Carla", "Dario", "Elif", "Femi", "Greta", "Hugo", "Ines", "Jonas", "Keiko", "Lamar", "Mira", "Nadia", "Olu",
	"Petra", "Quinn", "Rosa", "Sami", "Tove", "Uma", "Viktor", "Wanda", "Xenia", "Yusuf", "Zora", "Anton", "Bruna", "Chidi", "Dana",
	"Emil", "Farah", "Goran", "Hana",
}

var lastNames = []string{
	"Okafor", "Lindqvist", "Moreau", "Tanaka", "Silva", "Novak", "Haddad", "Becker", "Rossi", "Kowalski", "Ahmed", "Jensen",
	"Castillo", "Murphy", "Ivanova", "Nguyen", "Mensah", "Vogel", "Santos", "Larsen", "Dubois", "Yamada", "Fischer",
}

// org is an organisation, its people and the things they work with.
type org struct {
	orgPlan
	people          []*person
	channels, files []string
}

// person is somebody with an account.
type person struct {
	org             *org
	n               int
	id, name, email string
	// member, guest, external or bot (aerv1.User*).
	kind   string
	groups []string
	roles  []string
	laptop *device
	phone  *device
	home   network
	mobile network
	// Favourites among the organisation's channels and files.
	channels, files []string
	sessions        []*session
	// joined is the first day with activity.
	joined int
	// downloads is how many files the person takes on an ordinary day, beyond the odd one.
	downloads int
}

func (w *world) newOrg(index int, plan orgPlan) *org {
	o := &org{orgPlan: plan}
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

func (w *world) newPerson(o *org, index, n int) *person {
	r := w.Random(fmt.Sprintf("person %s %d", o.id, n))
	first, last := firstNames[(n+11*index)%len(firstNames)], lastNames[(n*5+7*index)%len(lastNames)]
	p := &person{
		org: o, n: n, id: fmt.Sprintf("U%c%02d", strings.ToUpper(o.id)[0], n), kind: aerv1.UserMember,
		name:   first + " " + last,
		home:   network{ip: fmt.Sprintf("198.19.%d.%d", 10*index+n/10, 10+20*(n%10)+r.IntN(10)), asn: 64610 + uint32(r.IntN(4)), country: o.country},
		mobile: network{ip: fmt.Sprintf("198.18.%d.%d", 100+10*index+n/10, 10+20*(n%10)+r.IntN(10)), asn: 64620 + uint32(r.IntN(2)), country: o.country},
	}
	p.email = strings.ToLower(first+"."+last) + "@" + o.domain()
	p.laptop = newDevice(r, laptopKinds[r.IntN(len(laptopKinds))])
	p.phone = newDevice(r, phoneKinds[r.IntN(len(phoneKinds))])
	p.channels = Pick(r, o.channels, 8)
	p.files = Pick(r, o.files, 30)
	w.cast(p)
	return p
}

// cast gives some people of each organisation a part in the story.
func (w *world) cast(p *person) {
	switch p.n {
	case 0:
		p.roles = []string{aerv1.RoleOrgPrimaryOwner, aerv1.RoleSecurityAdmin}
	case 1:
		p.roles = []string{aerv1.RoleSecurityAdmin}
	case 2:
		p.kind, p.name, p.email = aerv1.UserBot, "Sync integration", ""
		p.laptop = newDevice(w.Random("integration "+p.id), integration)
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
