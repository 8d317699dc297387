package spoofed

import (
	"fmt"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/baseline"
	"github.com/aer-project/aer/transforms/detector/evidence"
	"github.com/aer-project/aer/transforms/profile"
)

// Weights are what the weaker signs are worth, 0..1: each has an innocent explanation (a new release, a new laptop, a
// journey), all together have none.
type Weights struct {
	// Unknown: nobody with the claimed family was ever seen with this fingerprint. Start: its first part neither. Library:
	// that first part is seen under libraries and under no interactive client.
	Unknown, Start, Library float64
	// Own: the user's own client of the same family and version had another fingerprint.
	Own float64
	// Device and Place: a device, an address range the user was never seen with.
	Device, Place float64
}

func defaultWeights() Weights {
	return Weights{Unknown: 0.5, Start: 0.4, Library: 0.6, Own: 0.5, Device: 0.3, Place: 0.2}
}

// Judge reports a client whose fingerprint nobody with the claimed family has, when enough else speaks against it.
func (d Detector) Judge(in *evidence.Input) *aerv1.Anomaly {
	for _, f := range in.Slice.Facets {
		c := f.Client
		if c.GetJa4() == "" || !profile.Interactive(c.Class) || in.Baseline.FamilyObservations(c.Family) < d.Config.MinFamily ||
			evidence.Cold(in) {
			continue
		}
		a := d.repeat(in, f)
		if a == nil {
			a = d.judgeFacet(in, f)
		}
		if a != nil {
			return a
		}
	}
	return nil
}

// repeat says again what the fast lane has said, with what it could not know: whether client, network and device are the
// user's own.
func (d Detector) repeat(in *evidence.Input, f *aerv1.Facet) *aerv1.Anomaly {
	known, foreign := d.library(in.Baseline, f.Client.Family, f.Client.Ja4)
	if !foreign {
		return nil
	}
	a := evidence.FromSlice(in, d.Type(), f.Client.Ja4, sessionsOf(f))
	a.Time, a.EventIds = aerv1.TimeMS(f.LastMs), evidence.FirstLast(f)
	evidence.Usual(a, in, f.Client)
	d.fill(a, in.Baseline, known)
	evidence.Surprised(a, in, f.Client, aerv1.NewJA4)
	return a
}

func sessionsOf(f *aerv1.Facet) []string {
	if f.SessionId == "" {
		return nil
	}
	return []string{f.SessionId}
}

func (d Detector) judgeFacet(in *evidence.Input, f *aerv1.Facet) *aerv1.Anomaly {
	signs := d.Config.Weights.signs(in, f)
	confidence := evidence.Combine(signs) / evidence.ConfidenceFactor(in.Sensitivity)
	if len(signs) == 0 || confidence < d.Config.Log {
		return nil
	}
	a := evidence.FromSlice(in, d.Type(), f.Client.Ja4, sessionsOf(f))
	a.Time = aerv1.TimeMS(f.LastMs)
	a.Reasons = evidence.Reasons(aerv1.TypeSpoofedUserAgent)
	evidence.Usual(a, in, f.Client)
	evidence.FillSigns(a, "fingerprint_contradicts_client", signs, confidence, d.Config.Act)
	evidence.Surprised(a, in, f.Client, aerv1.NewJA4)
	a.Summary = fmt.Sprintf("Claims to be %s: %s", f.Client.Family, evidence.Codes(signs))
	return a
}

// signs is empty unless the fingerprint is unknown for the claimed family, or contradicts the user's own client: the rest
// only adds to that.
func (w Weights) signs(in *evidence.Input, f *aerv1.Facet) []*aerv1.Sign {
	c := f.Client
	var out []*aerv1.Sign
	add := func(weight float64, code, detail string) {
		out = append(out, &aerv1.Sign{Code: code, Weight: weight, Detail: detail})
	}
	if sharedByFamilies(in.Baseline, c.Ja4) {
		return nil // an inspecting proxy gives everyone its own fingerprint
	}
	if in.Baseline.Fingerprint(c.Ja4)[c.Family] == nil {
		add(w.Unknown, "fingerprint_unknown_for_family", c.Ja4+" under "+c.Family)
		if !in.Baseline.KnowsTLSStart(c.Family, c.Ja4) {
			add(w.Start, "tls_start_unknown_for_family", baseline.TLSStart(c.Ja4))
			if onlyLibraries(in.Baseline.TLSStartClasses(c.Ja4)) {
				add(w.Library, "tls_start_of_library", baseline.TLSStart(c.Ja4))
			}
		}
	}
	if other := ownFingerprint(in, c, f.FirstMs); other != "" && len(out) > 0 {
		add(w.Own, "own_client_speaks_otherwise", other)
	}
	if len(out) == 0 {
		return nil
	}
	if k := profile.Known(in.Profile.Devices, c.DeviceId); c.DeviceId != "" && (k == nil || k.FirstMs >= f.FirstMs-dayMS) {
		add(w.Device, "device_new", c.DeviceId)
	}
	if k := profile.Known(in.Profile.Places, profile.PlaceKey(c)); k == nil || k.FirstMs >= f.FirstMs-dayMS {
		add(w.Place, "place_new", profile.PlaceKey(c))
	}
	return out
}

const dayMS = 24 * 60 * 60 * 1000

// sharedByFamilies says whether interactive clients of several families have the fingerprint.
func sharedByFamilies(b *baseline.Index, ja4 string) bool {
	n := 0
	for _, row := range b.Fingerprint(ja4) {
		if profile.Interactive(row.Class) {
			n++
		}
	}
	return n >= 2
}

// onlyLibraries says whether there are classes of client, and none that a person sits in front of.
func onlyLibraries(classes map[string]bool) bool {
	for class := range classes {
		if profile.Interactive(class) {
			return false
		}
	}
	return len(classes) > 0
}

// ownSinceMS is how long the user's client must have had another fingerprint: what came with the stranger, in the same visit,
// is not the user's own.
const ownSinceMS = 60 * 60 * 1000

// ownFingerprint is another fingerprint that the user's client of the same family and version had before.
func ownFingerprint(in *evidence.Input, c *aerv1.FacetClient, beforeMS int64) string {
	prefix := profile.FingerprintKey(c.Family, c.Version, "")
	for _, k := range in.Profile.Fingerprints {
		if ja4, ok := strings.CutPrefix(k.Key, prefix); ok && ja4 != c.Ja4 && k.FirstMs < beforeMS-ownSinceMS {
			return ja4
		}
	}
	return ""
}
