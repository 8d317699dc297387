// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// TestBinding: a login beats a client known before, which beats the first that came; a later login binds anew.
func TestBinding(t *testing.T) {
	past := event(-30*day, "file_viewed", session("S0")) // makes the laptop known
	for _, c := range []struct {
		name    string
		events  []*aerv1.Event
		how     Binding
		byOther bool
	}{
		{"nobody known", []*aerv1.Event{event(0, "file_viewed")}, BoundByFirst, false},
		{"the first stays, however long it goes on", []*aerv1.Event{
			event(0, "file_viewed", from(stranger())), event(time.Minute, "file_viewed", from(stranger())),
			event(2*time.Minute, "file_viewed"),
		}, BoundByFirst, true},
		{"a known client after a stranger", []*aerv1.Event{
			past, event(0, "file_viewed", from(stranger())), event(time.Minute, "file_viewed", from(stranger())),
			event(2*time.Minute, "file_viewed"),
		}, BoundByKnown, false},
		{"a stranger after a known client",
			[]*aerv1.Event{past, event(0, "file_viewed"), event(time.Minute, "file_viewed", from(stranger()))},
			BoundByKnown, false},
		{"a stranger's login after a known client",
			[]*aerv1.Event{past, event(0, "file_viewed"), event(time.Minute, "user_login", from(stranger()))},
			BoundByLogin, true},
		{"a known client after a login", []*aerv1.Event{past, event(0, "user_login", from(stranger())),
			event(time.Minute, "file_viewed")}, BoundByLogin, true},
		{"a second login", []*aerv1.Event{event(0, "user_login"), event(time.Minute, "user_login", from(stranger()))},
			BoundByLogin, true},
		{"two logins in one slice, the stranger's address sorts last", []*aerv1.Event{
			event(5*time.Second, "user_login"), event(3*time.Second, "user_login", from(stranger())),
		}, BoundByLogin, false},
		{"two strangers in one slice", []*aerv1.Event{event(5*time.Second, "file_viewed"),
			event(3*time.Second, "file_viewed", from(stranger()))}, BoundByFirst, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := applied(c.events...).Session("S1")
			if s.Binding != c.how || (s.Bound.DeviceId == "D-other") != c.byOther {
				t.Errorf("bound to %s by %s, want by %s to the other one: %v", s.Bound.DeviceId, s.Binding, c.how, c.byOther)
			}
		})
	}
}

func TestALoginThatComesLateTakesNothingBack(t *testing.T) {
	p := New("O", "U")
	list := batches([]*aerv1.Event{event(0, "user_login", from(stranger())), event(time.Minute, "user_login")})
	for _, b := range []*aerv1.Batch{list[1], list[0]} {
		Apply(p, b.Slices[0])
	}
	if s := p.Session("S1"); s.Bound.DeviceId != "D-laptop" || s.FirstMS != at(0) || s.BoundMS != at(time.Minute) {
		t.Errorf("bound to %s at %d, session since %d", s.Bound.DeviceId, s.BoundMS, s.FirstMS)
	}
}

func TestSightingsAreTheLatestInOrder(t *testing.T) {
	var events []*aerv1.Event
	for i := range 20 {
		ev := event(time.Duration(i)*time.Minute, "file_viewed")
		if i%2 == 1 {
			ev.Client = stranger()
		}
		events = append(events, ev)
	}
	s := applied(events...).Session("S1")
	if len(s.Sightings) != 16 || !slices.IsSortedFunc(s.Sightings, compareSightings) {
		t.Fatalf("%d sightings, in order: %v", len(s.Sightings), slices.IsSortedFunc(s.Sightings, compareSightings))
	}
	if first, last := s.Sightings[0], s.Sightings[15]; first.TimeMS != at(4*time.Minute) ||
		last.TimeMS != at(19*time.Minute) ||
		first.Hash == last.Hash || last.Country != "BR" || last.Hash != s.Sightings[13].Hash {
		t.Errorf("from %v to %v", first, last)
	}
}

func TestASessionKeepsItsLatestClients(t *testing.T) {
	var events []*aerv1.Event
	for i := range 9 {
		c := laptop()
		c.DeviceId = fmt.Sprintf("D%d", i)
		events = append(events, event(time.Duration(i)*time.Minute, "file_viewed", from(c)),
			event(time.Duration(i)*time.Minute+time.Second, "file_viewed", from(c)))
	}
	s := applied(events...).Session("S1")
	if len(s.Clients) != maxClients || s.Clients[0].Client.DeviceId != "D3" || s.Clients[5].Client.DeviceId != "D8" ||
		s.Clients[5].Events != 2 {
		t.Errorf("%d clients: %v", len(s.Clients), s.Clients)
	}
}

// The handshakes of one browser, fresh and resumed, are one client of a session; so they do not crowd out another.
func TestVariantsOfOneStackAreOneClient(t *testing.T) {
	events := []*aerv1.Event{event(0, "file_viewed", from(stranger()))}
	for i := range 12 {
		c := laptop()
		c.Ja4 = fmt.Sprintf("t13d15%02dh2_c_%d", 14+i%4, i)
		events = append(events, event(time.Duration(i+1)*time.Minute, "file_viewed", from(c)))
	}
	s := applied(events...).Session("S1")
	if len(s.Clients) != 2 || s.Clients[0].Client.DeviceId != "D-other" || s.Clients[1].Events != 12 {
		t.Errorf("%d clients: %v", len(s.Clients), s.Clients)
	}
}

func TestTheSessionsUsedLatestAreKept(t *testing.T) {
	var events []*aerv1.Event
	for i := range 20 {
		events = append(events, event(time.Duration(i)*time.Minute, "file_viewed", session(fmt.Sprintf("S%d", i))))
	}
	events = append(events, event(20*time.Minute, "file_viewed", session(""))) // belongs to none
	p := applied(events...)
	if len(p.Sessions) != maxSessions || p.Session("S3") != nil || p.Session("S4") == nil || p.Session("S19") == nil ||
		p.Session("") != nil {
		t.Errorf("%d sessions kept", len(p.Sessions))
	}
	late := batches([]*aerv1.Event{event(-time.Hour, "file_viewed", session("late"))})[0]
	Apply(p, late.Slices[0])
	if len(p.Sessions) != maxSessions || p.Session("late") == nil {
		t.Error("the session of a late slice must be there when the slice is judged")
	}
}

func TestNewestCookie(t *testing.T) {
	cookie := func(d time.Duration) func(*aerv1.Event) {
		return func(ev *aerv1.Event) { ev.CookieTime = aerv1.Time(monday.Add(d)) }
	}
	s := applied(event(0, "file_viewed", cookie(-time.Hour)),
		event(time.Minute, "file_viewed", cookie(-2*time.Hour)), event(2*time.Minute, "file_viewed")).Session("S1")
	if s.CookieMS != at(-time.Hour) || s.CookieSeenMS != at(0) {
		t.Errorf("newest cookie of %d seen at %d", s.CookieMS, s.CookieSeenMS)
	}
}

func TestKnownThings(t *testing.T) {
	p := applied(event(0, "file_viewed"), event(time.Minute, "file_viewed"), event(day, "file_viewed"),
		event(3*day, "file_viewed", from(stranger())))
	k := p.Known(Devices, "D-laptop")
	if k == nil || k.Days != 2 || k.Events != 3 || k.FirstMS != at(0) || k.LastMS != at(day) || p.ActiveDays != 3 {
		t.Errorf("%v, %d active days", k, p.ActiveDays)
	}
	for _, c := range []struct {
		kind Kind
		key  string
	}{
		{Clients, "browser firefox windows"}, {Networks, "AS64500"}, {Countries, "BR"}, {Places, "198.51.100.0/24"},
		{Fingerprints, "chrome 141.0 t13d_c"},
	} {
		if k := p.Known(c.kind, c.key); k == nil || k.Key != c.key {
			t.Errorf("%q is not known among %v", c.key, p.Things(c.kind))
		}
	}
	if p.Known(Devices, "") != nil || New("O", "U").Known(Clients, "x") != nil {
		t.Error("what was never seen must not be known")
	}
	shown := p.things.shownBy(&aerv1.FacetClient{DeviceId: "D-laptop"})
	if !p.things.before(shown[Devices], at(time.Second)) || p.things.before(shown[Devices], at(0)) ||
		p.things.before(shown[Clients], at(time.Second)) {
		t.Error("a device is known from the moment after it was first seen")
	}
}

func TestWhatWasSeenLongestAgoIsForgotten(t *testing.T) {
	p := New("O", "U")
	p.things.note(Clients, []byte("k08"), 0, 0, 1) // of another kind, which is not in its way
	for i := range 40 {
		p.things.note(Networks, fmt.Appendf(nil, "k%02d", i), int64(i), int64(i), 1)
		p.things.note(Networks, []byte("k00"), int64(i), int64(i), 1) // in use all the time
	}
	if list := p.Things(Networks); len(list) != maxKnown || p.Known(Networks, "k00") == nil ||
		p.Known(Networks, "k08") != nil || p.Known(Networks, "k09") == nil || p.Known(Clients, "k08") == nil {
		t.Errorf("%d things kept: %v", len(list), list)
	}
}

func TestKeys(t *testing.T) {
	for ip, want := range map[string]string{
		"203.0.113.77": "203.0.113.0/24", "2001:db8:1:2::3": "2001:db8:1::/48", "::ffff:203.0.113.7": "203.0.113.0/24",
		"fe80::1%eth0": "fe80::/48", "1.23.45.678": "", "": "", "localhost": "", "0.0.0.0": "0.0.0.0/24",
	} {
		if got := PlaceKey(ip); got != want {
			t.Errorf("place of %q is %q, want %q", ip, got, want)
		}
	}
	if a, b := Key(Networks, &aerv1.FacetClient{Ip: "1.2.3.4", Asn: 7}),
		Key(Networks, &aerv1.FacetClient{Ip: "1.2.3.4"}); a != "AS7" || b != "1.2.3.4" {
		t.Errorf("networks %q and %q", a, b)
	}
}

// TestPlacesAreThoseOfNetip: the short way for addresses of IPv4 says what package netip says.
func TestPlacesAreThoseOfNetip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ip := rapid.OneOf(rapid.StringMatching(`[0-9]{1,3}(\.[0-9]{1,3}){2,4}`), rapid.StringMatching(`[0-9.]{5,12}`)).
			Draw(t, "ip")
		want := ""
		if addr, err := netip.ParseAddr(ip); err == nil {
			want = netip.PrefixFrom(addr, 24).Masked().String()
		}
		if got := PlaceKey(ip); got != want {
			t.Fatalf("place of %q is %q, want %q", ip, got, want)
		}
	})
}
