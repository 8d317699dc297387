// Package asn says which network an address belongs to and whether that network rents out servers.
package asn

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/aer-project/aer/transforms/lists"
)

// hosting lists autonomous systems of well-known hosting, cloud and VPN-exit providers, from their public registrations.
// People seldom browse from these; scripts, stolen cookies and rented proxies do. Operators add theirs by file.
// Networks through which many people leave (Cloudflare WARP, Zscaler, iCloud Private Relay) are left out on purpose.
var hosting = map[uint32]string{
	16509:  "Amazon",
	14618:  "Amazon",
	8987:   "Amazon",
	396982: "Google Cloud",
	15169:  "Google",
	19527:  "Google",
	8075:   "Microsoft Azure",
	31898:  "Oracle Cloud",
	36351:  "IBM Cloud (SoftLayer)",
	45102:  "Alibaba Cloud",
	37963:  "Alibaba Cloud",
	134963: "Alibaba Cloud",
	132203: "Tencent Cloud",
	45090:  "Tencent Cloud",
	136907: "Huawei Cloud",
	55990:  "Huawei Cloud",
	38365:  "Baidu Cloud",
	135377: "UCloud",
	16276:  "OVH",
	24940:  "Hetzner",
	213230: "Hetzner",
	212317: "Hetzner",
	14061:  "DigitalOcean",
	63949:  "Akamai (Linode)",
	20473:  "Vultr (Choopa)",
	12876:  "Scaleway (Online)",
	51167:  "Contabo",
	40021:  "Contabo",
	141995: "Contabo",
	60781:  "Leaseweb",
	28753:  "Leaseweb",
	30633:  "Leaseweb",
	7203:   "Leaseweb",
	19148:  "Leaseweb",
	396362: "Leaseweb",
	395954: "Leaseweb",
	59253:  "Leaseweb",
	9009:   "M247",
	60068:  "Datacamp (CDN77)",
	212238: "Datacamp (CDN77)",
	26496:  "GoDaddy",
	398101: "GoDaddy",
	8560:   "IONOS",
	197540: "netcup",
	47583:  "Hostinger",
	46606:  "Unified Layer (Bluehost)",
	22612:  "Namecheap",
	36352:  "ColoCrossing",
	40676:  "Psychz",
	53667:  "FranTech (BuyVM)",
	8100:   "QuadraNet",
	29802:  "HIVELOCITY",
	63023:  "GTHost",
	62904:  "Eonix",
	46475:  "Limestone Networks",
	32475:  "SingleHop",
	32244:  "Liquid Web",
	33070:  "Rackspace",
	19994:  "Rackspace",
	27357:  "Rackspace",
	15395:  "Rackspace",
	54825:  "Equinix Metal (Packet)",
	202053: "UpCloud",
	49981:  "WorldStream",
	49453:  "Global Layer",
	43350:  "NForce",
	50673:  "Serverius",
	57043:  "Hostkey",
	202425: "IP Volume",
	51852:  "Private Layer",
	39351:  "31173 Services",
	42708:  "GleSYS",
	9370:   "Sakura Internet",
	7684:   "Sakura Internet",
	51396:  "Pfcloud",
	44477:  "Stark Industries",
	49505:  "Selectel",
	9123:   "Timeweb",
	197695: "REG.RU",
	29182:  "JSC IOT (FirstVDS)",
	200350: "Yandex Cloud",
	34549:  "meerfarbig",
	24961:  "myLoc",
	25820:  "IT7 (BandwagonHost)",
	35916:  "MULTACOM",
	55286:  "B2 Net (ServerMania)",
	64267:  "Sprious (proxies)",
	62240:  "Clouvider",
	16125:  "Cherry Servers",
	206092: "SECFIREWALL (VPN exits)",
	136787: "PacketHub (VPN exits)",
	147049: "PacketHub (VPN exits)",
	207137: "PacketHub (VPN exits)",
	141039: "PacketHub (VPN exits)",
}

// orgWords mark an organisation as a hosting provider when they are a word of its name.
var orgWords = map[string]bool{
	"hosting": true, "hoster": true, "cloud": true, "datacenter": true, "datacentre": true, "datacenters": true,
	"vps": true, "vds": true, "colocation": true, "colo": true, "servers": true, "dedicated": true, "hostings": true,
}

// orgSuffixes mark it when a word ends in them: webhosting, OVHcloud.
var orgSuffixes = []string{"hosting", "cloud", "datacenter", "servers"}

// HostingOrg says whether an organisation's name sounds like a hosting provider's: "Example Web Hosting Ltd", "Foo Data Center".
func HostingOrg(org string) bool {
	prev := ""
	for word := range strings.FieldsFuncSeq(strings.ToLower(org), notWord) {
		if orgWords[word] || prev == "data" && (word == "center" || word == "centre" || word == "centers") {
			return true
		}
		for _, s := range orgSuffixes {
			if strings.HasSuffix(word, s) && word != "icloud" {
				return true
			}
		}
		prev = word
	}
	return false
}

func notWord(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r < 0x80 }

// asnColumns are the names of columns of AS numbers in the tables of public mirrors (see lists.Name).
var asnColumns = []string{"asn", "as", "asnumber", "asnum", "autonomoussystem", "autonomoussystemnumber"}

// readASNs reads one AS number a line, with or without "AS" in front, or a table with a column of them; empty lines and
// comments are ignored, a few bad lines left out.
func readASNs(path string) (map[uint32]bool, lists.Problems, error) {
	var p lists.Problems
	f, err := os.Open(path)
	if err != nil {
		return nil, p, fmt.Errorf("opening list of hosting ASNs: %w", err)
	}
	defer f.Close()
	out := make(map[uint32]bool)
	var table *lists.Table
	err = lists.Each(f, &p, func(line string) error {
		if table == nil && len(out) == 0 {
			if t, ok := lists.NewTable(line, asnColumns, func(string) bool { return false }); ok {
				table = t
				return nil
			}
		}
		asn, err := parseASN(asnField(table, line))
		if err == nil {
			out[asn] = true
		}
		return err
	})
	if err == nil && len(out) == 0 {
		if err = errors.New(" the list names no AS number"); p.Bad > 0 {
			err = fmt.Errorf("%s, and the list names no AS number", p.First[0])
		}
	}
	if err != nil {
		return nil, p, fmt.Errorf("reading list of hosting ASNs: %s:%w", path, err)
	}
	return out, p, nil
}

// asnField is the part of a line that holds its AS number: in a table its column, else what comes before a comma or a comment.
func asnField(t *lists.Table, line string) string {
	if t != nil {
		if fields, err := t.Fields(line); err == nil {
			if got := t.Get(fields, asnColumns...); len(got) > 0 {
				return got[0]
			}
		}
	}
	first, _, _ := strings.Cut(lists.Uncomment(line), ",")
	if words := strings.Fields(first); len(words) > 1 && len(words[0]) > 2 && strings.EqualFold(words[0][:2], "AS") {
		first = words[0] // a name follows; after a bare number it could be a sentence
	}
	return strings.Trim(first, "\"' \t")
}

func parseASN(text string) (uint32, error) {
	digits := strings.TrimSpace(text)
	if len(digits) > 2 && strings.EqualFold(digits[:2], "AS") {
		digits = digits[2:]
	}
	n, err := strconv.ParseUint(digits, 10, 32)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%s is not an AS number, want 64500 or AS64500", lists.Quote(text))
	}
	return uint32(n), nil
}
