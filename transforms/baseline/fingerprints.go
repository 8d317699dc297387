// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/shape"
)

// MinOrgs is how many organisations must know a fingerprint before it counts for one that does not: neither an account
// nor a tenant may teach others. Builds already leave out what fewer know.
const MinOrgs = 5

// MinPeople is how many people of the organisation itself must have shown it, where it has so many: one account must
// not teach its colleagues either.
const MinPeople = 2

// Kind is one of two kinds of program that are told apart by their TLS fingerprints.
type Kind string

// The kinds. Headless browsers and bots are neither: many of them speak TLS as a browser does, and earlier than its
// release.
const (
	KindInteractive Kind = "interactive"
	KindLibrary     Kind = "library"
)

// Witnesses are those who showed a fingerprint, as far as it is an organisation's to know.
type Witnesses struct {
	// People of the organisation itself, 0 where MinOrgs and more know it; Orgs is then how many, else 0.
	People, Orgs uint32
	// Need is how many of its people are enough.
	Need uint32
}

// Enough says whether what they showed may count against anybody, or for them.
func (w Witnesses) Enough() bool { return w.Orgs >= MinOrgs || w.People > 0 && w.People >= w.Need }

// Outnumber says whether they are enough, and beside others more than a match for those.
func (w Witnesses) Outnumber(others Witnesses) bool {
	return !others.Enough() && w.Enough() && (w.Orgs > 0 || w.People > others.People)
}

// String counts them.
func (w Witnesses) String() string {
	switch {
	case w.Orgs > 0:
		return fmt.Sprintf("%d organisations", w.Orgs)
	case w.People == 1:
		return "1 account of the organisation"
	}
	return fmt.Sprintf("%d people of the organisation", w.People)
}

// printKey is a fingerprint, or its first part, in an organisation or in all of them.
type printKey struct{ org, ja4 string }
type startKey struct{ org, family, start string }
type familyKey struct{ org, family string }

// fingerprints is what a version knows of TLS fingerprints.
type fingerprints struct {
	rows map[printKey][]*aerv1.BaselineFingerprint
	// starts are the rows with most people by the first part of the fingerprint. Kinds are families there.
	starts map[startKey]*aerv1.BaselineFingerprint
	// stacks are the same by shape.StackKey.
	stacks   map[startKey]*aerv1.BaselineFingerprint
	observed map[familyKey]uint32
}

func newFingerprints(list []*aerv1.BaselineFingerprint) fingerprints {
	f := fingerprints{
		rows: make(map[printKey][]*aerv1.BaselineFingerprint, len(list)/2), starts: map[startKey]*aerv1.BaselineFingerprint{},
		stacks: map[startKey]*aerv1.BaselineFingerprint{}, observed: map[familyKey]uint32{},
	}
	for _, r := range list {
		if r.OrgId == Everyone && r.Orgs < MinOrgs {
			continue
		}
		f.rows[printKey{r.OrgId, r.Ja4}] = append(f.rows[printKey{r.OrgId, r.Ja4}], r)
		keepMost(f.starts, startKey{r.OrgId, nameOf(r), TLSStart(r.Ja4)}, r)
		keepMost(f.stacks, startKey{r.OrgId, nameOf(r), shape.StackKey(r.Ja4)}, r)
		if r.Family != "" {
			f.observed[familyKey{r.OrgId, r.Family}] += r.Observations
		}
	}
	return f
}

// keepMost keeps the row with most people.
func keepMost(rows map[startKey]*aerv1.BaselineFingerprint, k startKey, r *aerv1.BaselineFingerprint) {
	if have := rows[k]; have == nil || have.Users < r.Users {
		rows[k] = r
	}
}

// kindName is how a kind is told from a family: no family has a space in front.
func kindName(k Kind) string { return " " + string(k) }

func nameOf(r *aerv1.BaselineFingerprint) string {
	if r.Family == "" {
		return kindName(Kind(r.Class))
	}
	return r.Family
}

// Fingerprint is who showed a TLS fingerprint under a client family: people of the organisation, or organisations.
func (x *Index) Fingerprint(orgID, family, ja4 string) Witnesses {
	find := func(org string) *aerv1.BaselineFingerprint {
		rows := x.known().prints.rows[printKey{org, ja4}]
		if i := slices.IndexFunc(rows, func(r *aerv1.BaselineFingerprint) bool { return nameOf(r) == family }); i >= 0 {
			return rows[i]
		}
		return nil
	}
	return x.witnesses(orgID, find(orgID), find(Everyone))
}

// FingerprintOf is who showed it under any family of a kind, each person and organisation counted once.
func (x *Index) FingerprintOf(orgID string, k Kind, ja4 string) Witnesses {
	return x.Fingerprint(orgID, kindName(k), ja4)
}

// TLSStartOf is who showed some fingerprint with the same first part under any family of a kind: the most witnesses
// that one of them has, because people are counted for each.
func (x *Index) TLSStartOf(orgID string, k Kind, ja4 string) Witnesses {
	return x.TLSStartUnder(orgID, kindName(k), ja4)
}

// TLSStartUnder is TLSStartOf for one client family.
func (x *Index) TLSStartUnder(orgID, family, ja4 string) Witnesses {
	return x.alike(x.known().prints.starts, orgID, family, TLSStart(ja4))
}

// KnowsStack says whether enough showed this fingerprint under the family, or one that differs only in its extensions
// and ALPN.
func (x *Index) KnowsStack(orgID, family, ja4 string) bool {
	return x.alike(x.known().prints.stacks, orgID, family, shape.StackKey(ja4)).Enough()
}

// alike is who showed a fingerprint of which a part is the same, under a family or a kind.
func (x *Index) alike(rows map[startKey]*aerv1.BaselineFingerprint, orgID, name, part string) Witnesses {
	return x.witnesses(orgID, rows[startKey{orgID, name, part}], rows[startKey{Everyone, name, part}])
}

// witnesses puts the row of the organisation and that of all together, either of which may be nil; of none, the zero
// value.
func (x *Index) witnesses(orgID string, own, all *aerv1.BaselineFingerprint) Witnesses {
	if own == nil && all == nil {
		return Witnesses{}
	}
	return Witnesses{People: own.GetUsers(), Orgs: all.GetOrgs(), Need: x.minPeople(orgID)}
}

// minPeople is MinPeople, or 1 in an organisation of one: there is nobody else to be protected.
func (x *Index) minPeople(orgID string) uint32 {
	if x.People(orgID) == 1 {
		return 1
	}
	return MinPeople
}

// FingerprintFamilies lists the families of a kind that a fingerprint was shown under in the organisation, or in
// MinOrgs and more, sorted.
func (x *Index) FingerprintFamilies(orgID string, k Kind, ja4 string) []string {
	var out []string
	for _, org := range []string{orgID, Everyone} {
		for _, r := range x.known().prints.rows[printKey{org, ja4}] {
			if r.Family != "" && KindOf(r.Class) == k {
				out = append(out, r.Family)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// KindOf is the kind that a class of client belongs to; "" for the others.
func KindOf(class string) Kind {
	switch class {
	case aerv1.ClassLibrary:
		return KindLibrary
	case aerv1.ClassBrowser, aerv1.ClassOfficial, aerv1.ClassMobileApp:
		return KindInteractive
	}
	return ""
}

// FamilyKnown says whether enough fingerprints of a client family are known to call another one foreign to it: the
// organisation has observed the family often enough, or MinOrgs organisations have it. observed is how often the
// organisation did.
func (x *Index) FamilyKnown(orgID, family string, least uint32) (observed uint32, known bool) {
	counts := x.known().prints.observed
	observed = counts[familyKey{orgID, family}]
	_, all := counts[familyKey{Everyone, family}]
	return observed, all || observed > 0 && observed >= least
}

// Fingerprints counts the different TLS fingerprints that an organisation knows for each client family, its own and
// everybody's.
func (x *Index) Fingerprints(orgID string) map[string]int {
	out := map[string]int{}
	for k, rows := range x.known().prints.rows {
		if k.org != orgID && k.org != Everyone {
			continue
		}
		for _, r := range rows {
			if r.Family != "" {
				out[r.Family]++
			}
		}
	}
	return out
}

// TLSStart is the first part of a JA4 fingerprint (protocol, number of ciphers and extensions, ALPN), which changes far
// less often than the hashes after it.
func TLSStart(ja4 string) string {
	start, _, _ := strings.Cut(ja4, "_")
	return start
}
