// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/strict"
)

// slackAllow is the body of Slack's admin.audit.anomaly.allow.updateItem, and the answer of getItem. The documentation
// spells the keys in several ways; all are read.
type slackAllow struct {
	OK    *bool       `json:"ok"`
	Error string      `json:"error"`
	CIDR  *[]string   `json:"trusted_cidr"`
	CIDRs *[]string   `json:"trusted_cidrs"`
	ASNs  *[]slackASN `json:"trusted_asns"`
	ASN   *[]slackASN `json:"trusted_asn"`
}

// slackASN is a number, or a text with one.
type slackASN string

// UnmarshalJSON implements json.Unmarshaler.
func (a *slackASN) UnmarshalJSON(b []byte) error {
	var n json.Number
	if err := json.Unmarshal(b, &n); err == nil {
		*a = slackASN(n)
		return nil
	}
	var s string
	err := json.Unmarshal(b, &s)
	*a = slackASN(s)
	return err
}

// ParseSlackTrusted reads Slack's list of trusted networks, sorted and without repeats. Host bits are masked, with a
// notice for each. The error joins one for every entry that is no network; there is no result then.
func ParseSlackTrusted(file string, data []byte) (list []*aerv1.TrustedNetwork, notices []string, err error) {
	var in slackAllow
	if len(data) > strict.MaxFileBytes {
		return nil, nil, fmt.Errorf("%s: the file has more than %d MiB", file, strict.MaxFileBytes>>20)
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, nil, fmt.Errorf("%s: reading Slack's list of trusted networks: %w", file, err)
	}
	switch {
	case in.OK != nil && !*in.OK:
		return nil, nil, fmt.Errorf("%s: this is an error that Slack answered (%q), not a list", file, strict.Clip(in.Error))
	case in.CIDR == nil && in.CIDRs == nil && in.ASNs == nil && in.ASN == nil:
		return nil, nil,
			fmt.Errorf("%s: has neither trusted_cidr nor trusted_asns; to trust nothing give an empty list", file)
	}
	d := newDecoder(file)
	var errs []error
	add := func(key string, i int, t *aerv1.TrustedNetwork, problem, right string) {
		if problem != "" {
			errs = append(errs, fmt.Errorf("%s: %s: %s; %s", d.File, strict.Index(key, i), problem, right))
			return
		}
		list = append(list, t)
	}
	for key, texts := range map[string]*[]string{"trusted_cidr": in.CIDR, "trusted_cidrs": in.CIDRs} {
		for i, text := range values(texts) {
			cidr, problem, right := parsePrefix(text)
			if problem == "" && masked(text, cidr) {
				notices = append(notices, fmt.Sprintf("%s: %s: %s has host bits, taken as %s", file, strict.Index(key, i),
					strict.Clip(text), cidr))
			}
			add(key, i, &aerv1.TrustedNetwork{Cidr: cidr}, problem, right)
		}
	}
	for key, numbers := range map[string]*[]slackASN{"trusted_asns": in.ASNs, "trusted_asn": in.ASN} {
		for i, n := range values(numbers) {
			asn, problem, right := parseASN(string(n))
			add(key, i, &aerv1.TrustedNetwork{Asn: asn}, problem, right)
		}
	}
	if len(errs) > 0 {
		slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
		return nil, nil, errors.Join(errs[:min(len(errs), strict.MaxErrors)]...)
	}
	slices.Sort(notices)
	return sortedSet(list, compareTrusted), notices, nil
}

func values[T any](list *[]T) []T {
	if list == nil {
		return nil
	}
	return *list
}

func masked(text, cidr string) bool {
	p, err := netip.ParsePrefix(strings.TrimSpace(text))
	return err == nil && p.Masked() != p && p.String() != cidr
}

// MergeTrusted is what Slack's update does: imported replaces the whole list. Of the entries that stay, reason, author
// and end are kept, because Slack's format has no place for them; those that are new get an author and a reason.
func MergeTrusted(now, imported []*aerv1.TrustedNetwork, author, reason string) []*aerv1.TrustedNetwork {
	var out []*aerv1.TrustedNetwork
	for _, t := range imported {
		kept := false
		for _, old := range now {
			if old.GetCidr() == t.GetCidr() && old.GetAsn() == t.GetAsn() {
				out, kept = append(out, proto.Clone(old).(*aerv1.TrustedNetwork)), true
			}
		}
		if !kept {
			out = append(out, &aerv1.TrustedNetwork{Cidr: t.GetCidr(), Asn: t.GetAsn(), Author: author, Reason: reason})
		}
	}
	return sortedSet(out, compareTrusted)
}

// RenderSlackTrusted writes the list as Slack's updateItem takes it. Slack knows no end: what has expired should be
// left out before.
func RenderSlackTrusted(list []*aerv1.TrustedNetwork) ([]byte, error) {
	out := struct {
		CIDR []string `json:"trusted_cidr"`
		ASNs []uint32 `json:"trusted_asns"`
	}{[]string{}, []uint32{}}
	for _, t := range list {
		if t.GetCidr() != "" {
			out.CIDR = append(out.CIDR, t.GetCidr())
		} else {
			out.ASNs = append(out.ASNs, t.GetAsn())
		}
	}
	raw, err := json.MarshalIndent(out, "", "  ")
	return append(raw, '\n'), err
}

func itoa(n uint32) string { return strconv.FormatUint(uint64(n), 10) }
