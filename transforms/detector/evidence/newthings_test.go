// SPDX-License-Identifier: Apache-2.0

package evidence_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/activity"
	"github.com/aer-project/aer/transforms/detector/detectortest"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// client is Firefox at home with something changed.
func client(change func(*aerv1.Client)) *aerv1.Client {
	c := detectortest.Firefox()
	if change != nil {
		change(c)
	}
	return c
}

func signs(codes ...string) (out []*aerv1.Sign) {
	for _, c := range codes {
		out = append(out, &aerv1.Sign{Code: c})
	}
	return out
}

func TestNewThingsFollowFromSigns(t *testing.T) {
	for _, c := range []struct {
		name   string
		signs  []string
		client *aerv1.Client
		kinds  []string
		want   string
	}{
		{"another print", []string{"ja4_changed", "tls_start_of_library"}, client(nil), nil, "ja4=t13d1717h2_c_144"},
		{"another network", []string{"asn_new", "country_new", "place_new"}, client(nil), nil, "asn=AS64500"},
		{"a network of unknown AS", []string{"place_new"}, client(func(c *aerv1.Client) { c.Asn = 0 }), nil,
			"asn=192.0.2.0/24"},
		{"both", []string{"country_new", "ja4_changed"}, client(nil), nil, "ja4=t13d1717h2_c_144 asn=AS64500"},
		{"another version", []string{"version_downgrade"}, client(nil), nil, "agent=firefox 144.0"},
		{"nothing that can be shared", []string{"device_changed", "os_changed", "stale_cookie", "fork"},
			client(nil), nil, ""},
		{"what the detector is about", nil, client(nil), []string{aerv1.NewAgent}, "agent=firefox 144.0"},
		{"a print that is unknown", nil, client(func(c *aerv1.Client) { c.Ja4 = "" }), []string{aerv1.NewJA4}, ""},
	} {
		in := detectortest.Input(detectortest.Past(10),
			[]*aerv1.Event{detectortest.Event(0, c.client, "S", "user_login", "")})
		a := evidence.FromSlice(in, "t", "", nil)
		a.Evidence.Signs = signs(c.signs...)
		evidence.Surprised(a, in, in.Slice.Facets[0].Client, c.kinds...)
		var got []string
		for _, n := range a.NewThings {
			got = append(got, n.Kind+"="+n.Key)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
	}
}

func TestWhoseDeviceItIs(t *testing.T) {
	noID := func(c *aerv1.Client) { c.DeviceId = "" }
	past := func(days int, c *aerv1.Client) (out []*aerv1.Event) {
		for _, ev := range detectortest.Past(days) {
			ev.Client = c
			out = append(out, ev)
		}
		return out
	}
	other := client(func(c *aerv1.Client) { c.DeviceId = "D2" })
	for _, c := range []struct {
		name string
		past []*aerv1.Event
		now  *aerv1.Client
		want bool
	}{
		{"the person's own, behind another proxy", past(10, client(nil)),
			client(func(c *aerv1.Client) { c.Ja4, c.Ip, c.Asn = "x", "203.0.113.1", 1 }), true},
		{"another device", past(10, client(nil)), other, false},
		{"a device of this visit",
			append(past(10, client(nil)), detectortest.Event(-3*time.Hour, other, "P", "user_login", "")), other, false},
		{"no ids: the person's kind of client", past(10, client(noID)), client(noID), true},
		{"no ids: another kind of client", past(10, client(noID)),
			client(func(c *aerv1.Client) { noID(c); c.Facts.Family = "chrome" }), false},
		{"a client that lost its id", past(10, client(nil)), client(noID), false},
	} {
		in := detectortest.Input(c.past, []*aerv1.Event{detectortest.Event(0, c.now, "S", "user_login", "")})
		a := evidence.FromSlice(in, "t", "", nil)
		evidence.Surprised(a, in, in.Slice.Facets[0].Client)
		if a.Evidence.DeviceUsual != c.want {
			t.Errorf("%s: %t, want %t", c.name, a.Evidence.DeviceUsual, c.want)
		}
	}
}

// A client of nothing known names nothing and breaks nothing.
func TestNoClientIsNobodysDevice(t *testing.T) {
	in := &evidence.Input{Profile: profile.New("O", "U"),
		Slice: activity.Summarise(detectortest.Event(0, nil, "", "x", ""), activity.DefaultWindowMS)}
	a := evidence.FromSlice(in, "t", "", nil)
	evidence.SurprisedByMethods(a, in, nil, []string{"a.b"})
	if fmt.Sprint(len(a.NewThings), a.Evidence.DeviceUsual) != "1 false" {
		t.Error(a)
	}
}
