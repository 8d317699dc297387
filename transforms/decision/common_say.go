// SPDX-License-Identifier: Apache-2.0

package decision

import (
	"fmt"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// describeCause is the notice about a common cause.
func describeCause(c *aerv1.Cause) string {
	t := tally(c, 0)
	from := ""
	if c.Kind != aerv1.NewASN && t.networks > 0 {
		from = " from " + plural(t.networks, "network")
	}
	return fmt.Sprintf("Since %s, %s with %s %s%s: the organisation's environment changed; nobody is signed out for it.",
		clock(time.UnixMilli(c.FirstMs)), people(t.sharing()),
		plural(max(1, t.families), "kind of client", "kinds of client"), shares(c), from)
}

// describeCompany says why what is new is no common cause.
func describeCompany(c *aerv1.Cause, nowMS int64) string {
	t := tally(c, nowMS-CommonWindow.Milliseconds())
	return fmt.Sprintf(
		"Since %s, %s %s, %d of them within %s on their own known devices: no common cause explains all of this finding.",
		clock(time.UnixMilli(c.FirstMs)), people(len(c.People)), shares(c), t.own, hours(CommonWindow))
}

func describeCampaign(c *aerv1.Cause, a *aerv1.Anomaly, n int) string {
	place := prefixOf(a.GetEvidence().GetClient().GetIp())
	if asn := a.GetEvidence().GetClient().GetAsn(); asn != 0 {
		place = fmt.Sprintf("AS%d", asn)
	}
	if place != "" {
		place = " from " + place
	}
	if c.Kind == aerv1.NewASN {
		return fmt.Sprintf("The %s account within %s reached from the same new network (%s): a campaign.", ordinal(n),
			hours(CampaignWindow), cut(c.Key))
	}
	return fmt.Sprintf("The %s account within %s reached%s with the same new TLS fingerprint: a campaign.", ordinal(n),
		hours(CampaignWindow), place)
}

// people says how many n are, of those that a cause remembers.
func people(n int) string {
	switch {
	case n >= maxCausePeople:
		return fmt.Sprintf("%d people or more", n)
	case n == 1:
		return "1 person"
	default:
		return fmt.Sprintf("%d people", n)
	}
}

func shares(c *aerv1.Cause) string {
	key := cut(c.Key)
	switch c.Kind {
	case aerv1.NewJA4:
		return "share one new TLS fingerprint (" + key + ")"
	case aerv1.NewASN:
		return "come from one new network (" + key + ")"
	case aerv1.NewAgent:
		return "use one new client (" + key + ")"
	case aerv1.NewMethod:
		return "call one new API method (" + key + ")"
	}
	return fmt.Sprintf("share one new thing (%s %s)", cut(c.Kind), key)
}

// plural counts things; the plural is the word with an s unless it is given.
func plural(n int, word string, more ...string) string {
	if n == 1 {
		return "1 " + word
	}
	word += "s"
	if len(more) > 0 {
		word = more[0]
	}
	return fmt.Sprintf("%d %s", n, word)
}

// ordinal is 3rd, 11th, 22nd.
func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

func hours(d time.Duration) string { return fmt.Sprintf("%d h", int(d.Hours())) }
