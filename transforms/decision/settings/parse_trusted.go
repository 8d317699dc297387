// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml/ast"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

func (d *decoder) trusted(s *aerv1.Settings, f strict.Field) {
	for i, it := range d.Items(f.Value, f.Key, "give a list of networks") {
		if t := d.trustedNetwork(it, fmt.Sprintf("%s[%d]", f.Key, i)); t != nil {
			s.Trusted = append(s.Trusted, t)
		}
	}
}

// trustedNetwork reads one entry with cidr or asn; nil after a mistake.
func (d *decoder) trustedNetwork(n ast.Node, key string) *aerv1.TrustedNetwork {
	t, ok := &aerv1.TrustedNetwork{}, true
	for _, c := range d.Fields(n, key, "write {cidr: 203.0.113.0/24} or {asn: 64500}") {
		var good bool
		switch c.Name {
		case "cidr":
			t.Cidr, good = d.prefix(c.Value, c.Key)
		case "asn":
			t.Asn, good = d.asn(c.Value, c.Key)
		case "author":
			t.Author, good = d.Text(c.Value, c.Key, "")
		case "reason":
			t.Reason, good = d.Text(c.Value, c.Key, "")
		case "expires":
			at, valid := d.Moment(c.Value, c.Key)
			if good = valid; valid {
				t.Expires = aerv1.Time(at)
			}
		default:
			d.Unknown(c, "key", trustedKeys)
		}
		ok = ok && good
	}
	if ok && (t.Cidr == "") == (t.Asn == 0) {
		d.Fail(n, key, "needs either cidr or asn", "write two entries for two networks")
		ok = false
	}
	if !ok {
		return nil
	}
	return t
}

func (d *decoder) trustedCIDRs(s *aerv1.Settings, f strict.Field) {
	for i, it := range d.Items(f.Value, f.Key, "give a list of networks") {
		if cidr, ok := d.prefix(it, fmt.Sprintf("%s[%d]", f.Key, i)); ok {
			s.Trusted = append(s.Trusted, &aerv1.TrustedNetwork{Cidr: cidr})
		}
	}
}

func (d *decoder) trustedASNs(s *aerv1.Settings, f strict.Field) {
	for i, it := range d.Items(f.Value, f.Key, "give a list of numbers of autonomous systems") {
		if asn, ok := d.asn(it, fmt.Sprintf("%s[%d]", f.Key, i)); ok {
			s.Trusted = append(s.Trusted, &aerv1.TrustedNetwork{Asn: asn})
		}
	}
}

// sortTrusted orders the networks so that equal choices have equal versions, and drops exact repeats.
func sortTrusted(s *aerv1.Settings) {
	slices.SortStableFunc(s.Trusted, compareTrusted)
	s.Trusted = slices.CompactFunc(s.Trusted, func(a, b *aerv1.TrustedNetwork) bool { return compareTrusted(a, b) == 0 })
}

func compareTrusted(a, b *aerv1.TrustedNetwork) int {
	return cmp.Or(
		cmp.Compare(a.GetCidr(), b.GetCidr()),
		cmp.Compare(a.GetAsn(), b.GetAsn()),
		compareTimes(a.GetExpires(), b.GetExpires()),
		cmp.Compare(a.GetReason(), b.GetReason()),
		cmp.Compare(a.GetAuthor(), b.GetAuthor()),
	)
}
