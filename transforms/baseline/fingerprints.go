// SPDX-License-Identifier: Apache-2.0

package baseline

import (
	"fmt"
	"slices"
	"strings"
	"sync"

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

// fingerprints is what a version knows of the TLS fingerprints of an organisation, or of all together.
type fingerprints struct {
	list []*aerv1.BaselineFingerprint // as the version has them
	once sync.Once
	// rows are those that count, by fingerprint.
	rows []*aerv1.BaselineFingerprint
	// starts and stacks are the rows with most people by the first part of the fingerprint, and by its stack.
	starts map[likeness[string]]*aerv1.BaselineFingerprint
	stacks map[likeness[shape.TLSStack]]*aerv1.BaselineFingerprint
	// observed counts by family.
	observed map[string]uint32
}

// name is a client family, or a kind of them all.
type name struct {
	family string
	kind   Kind
}

// likeness is a name and what fingerprints under it have in common.
type likeness[P comparable] struct {
	name name
	part P
}

// prints gathers an organisation's fingerprints when they are first asked for.
func (x *Index) prints(orgID string) *fingerprints {
	f := &x.org(orgID).prints
	f.once.Do(f.gather)
	return f
}

func (f *fingerprints) gather() {
	f.starts = map[likeness[string]]*aerv1.BaselineFingerprint{}
	f.stacks, f.observed = map[likeness[shape.TLSStack]]*aerv1.BaselineFingerprint{}, map[string]uint32{}
	for _, r := range f.list {
		if r.OrgId == Everyone && r.Orgs < MinOrgs {
			continue
		}
		f.rows = append(f.rows, r)
		keepMost(f.starts, likeness[string]{nameOf(r), TLSStart(r.Ja4)}, r)
		keepMost(f.stacks, likeness[shape.TLSStack]{nameOf(r), shape.StackKey(r.Ja4)}, r)
		if r.Family != "" {
			f.observed[r.Family] += r.Observations
		}
	}
	slices.SortStableFunc(f.rows, func(a, b *aerv1.BaselineFingerprint) int { return strings.Compare(a.Ja4, b.Ja4) })
}

// keepMost keeps the row with most people.
func keepMost[K comparable](rows map[K]*aerv1.BaselineFingerprint, k K, r *aerv1.BaselineFingerprint) {
	if have := rows[k]; have == nil || have.Users < r.Users {
		rows[k] = r
	}
}

func nameOf(r *aerv1.BaselineFingerprint) name {
	if r.Family == "" {
		return name{kind: Kind(r.Class)}
	}
	return name{family: r.Family}
}

// of lists the rows of one fingerprint.
func (f *fingerprints) of(ja4 string) []*aerv1.BaselineFingerprint {
	return among(f.rows, func(r *aerv1.BaselineFingerprint) int { return strings.Compare(r.Ja4, ja4) })
}

// under is the row of a fingerprint under a name, or nil.
func (f *fingerprints) under(n name, ja4 string) *aerv1.BaselineFingerprint {
	for _, r := range f.of(ja4) {
		if nameOf(r) == n {
			return r
		}
	}
	return nil
}

// Fingerprint is who showed a TLS fingerprint under a client family: people of the organisation, or organisations.
func (x *Index) Fingerprint(orgID, family, ja4 string) Witnesses {
	return x.fingerprint(orgID, name{family: family}, ja4)
}

func (x *Index) fingerprint(orgID string, n name, ja4 string) Witnesses {
	return x.witnesses(orgID, x.prints(orgID).under(n, ja4), x.prints(Everyone).under(n, ja4))
}

// FingerprintOf is who showed it under any family of a kind, each person and organisation counted once.
func (x *Index) FingerprintOf(orgID string, k Kind, ja4 string) Witnesses {
	return x.fingerprint(orgID, name{kind: k}, ja4)
}

// TLSStartOf is who showed some fingerprint with the same first part under any family of a kind: the most witnesses
// that one of them has, because people are counted for each.
func (x *Index) TLSStartOf(orgID string, k Kind, ja4 string) Witnesses {
	return x.start(orgID, name{kind: k}, ja4)
}

// TLSStartUnder is TLSStartOf for one client family.
func (x *Index) TLSStartUnder(orgID, family, ja4 string) Witnesses {
	return x.start(orgID, name{family: family}, ja4)
}

func (x *Index) start(orgID string, n name, ja4 string) Witnesses {
	k := likeness[string]{n, TLSStart(ja4)}
	return x.witnesses(orgID, x.prints(orgID).starts[k], x.prints(Everyone).starts[k])
}

// KnowsStack says whether enough showed this fingerprint under the family, or one that differs only in its extensions
// and ALPN.
func (x *Index) KnowsStack(orgID, family, ja4 string) bool {
	k := likeness[shape.TLSStack]{name{family: family}, shape.StackKey(ja4)}
	return x.witnesses(orgID, x.prints(orgID).stacks[k], x.prints(Everyone).stacks[k]).Enough()
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
	for _, id := range []string{orgID, Everyone} {
		for _, r := range x.prints(id).of(ja4) {
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
	observed = x.prints(orgID).observed[family]
	_, all := x.prints(Everyone).observed[family]
	return observed, all || observed > 0 && observed >= least
}

// Fingerprints counts the different TLS fingerprints that an organisation knows for each client family, its own and
// everybody's.
func (x *Index) Fingerprints(orgID string) map[string]int {
	out := map[string]int{}
	for _, r := range slices.Concat(x.prints(orgID).rows, x.prints(Everyone).rows) {
		if r.Family != "" {
			out[r.Family]++
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
