// SPDX-License-Identifier: Apache-2.0

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

// hosting lists autonomous systems of well-known hosting, cloud and VPN-exit providers, from their public
// registrations. People seldom browse from these; scripts, stolen cookies and rented proxies do. Operators add theirs
// by file. Networks through which many people leave (Cloudflare WARP, Zscaler, iCloud Private Relay) are left out on
// purpose.
var hosting = numbers(map[string][]uint32{
	"Amazon":                   {16509, 14618, 8987},
	"Google Cloud":             {396982},
	"Google":                   {15169, 19527},
	"Microsoft Azure":          {8075},
	"Oracle Cloud":             {31898},
	"IBM Cloud (SoftLayer)":    {36351},
	"Alibaba Cloud":            {45102, 37963, 134963},
	"Tencent Cloud":            {132203, 45090},
	"Huawei Cloud":             {136907, 55990},
	"Baidu Cloud":              {38365},
	"UCloud":                   {135377},
	"OVH":                      {16276},
	"Hetzner":                  {24940, 213230, 212317},
	"DigitalOcean":             {14061},
	"Akamai (Linode)":          {63949},
	"Vultr (Choopa)":           {20473},
	"Scaleway (Online)":        {12876},
	"Contabo":                  {51167, 40021, 141995},
	"Leaseweb":                 {60781, 28753, 30633, 7203, 19148, 396362, 395954, 59253},
	"M247":                     {9009},
	"Datacamp (CDN77)":         {60068, 212238},
	"GoDaddy":                  {26496, 398101},
	"IONOS":                    {8560},
	"netcup":                   {197540},
	"Hostinger":                {47583},
	"Unified Layer (Bluehost)": {46606},
	"Namecheap":                {22612},
	"ColoCrossing":             {36352},
	"Psychz":                   {40676},
	"FranTech (BuyVM)":         {53667},
	"QuadraNet":                {8100},
	"HIVELOCITY":               {29802},
	"GTHost":                   {63023},
	"Eonix":                    {62904},
	"Limestone Networks":       {46475},
	"SingleHop":                {32475},
	"Liquid Web":               {32244},
	"Rackspace":                {33070, 19994, 27357, 15395},
	"Equinix Metal (Packet)":   {54825},
	"UpCloud":                  {202053},
	"WorldStream":              {49981},
	"Global Layer":             {49453},
	"NForce":                   {43350},
	"Serverius":                {50673},
	"Hostkey":                  {57043},
	"IP Volume":                {202425},
	"Private Layer":            {51852},
	"31173 Services":           {39351},
	"GleSYS":                   {42708},
	"Sakura Internet":          {9370, 7684},
	"Pfcloud":                  {51396},
	"Stark Industries":         {44477},
	"Selectel":                 {49505},
	"Timeweb":                  {9123},
	"REG.RU":                   {197695},
	"JSC IOT (FirstVDS)":       {29182},
	"Yandex Cloud":             {200350},
	"meerfarbig":               {34549},
	"myLoc":                    {24961},
	"IT7 (BandwagonHost)":      {25820},
	"MULTACOM":                 {35916},
	"B2 Net (ServerMania)":     {55286},
	"Sprious (proxies)":        {64267},
	"Clouvider":                {62240},
	"Cherry Servers":           {16125},
	"SECFIREWALL (VPN exits)":  {206092},
	"PacketHub (VPN exits)":    {136787, 147049, 207137, 141039},
})

func numbers(byProvider map[string][]uint32) map[uint32]bool {
	all := map[uint32]bool{}
	for _, list := range byProvider {
		for _, asn := range list {
			all[asn] = true
		}
	}
	return all
}

// orgWords mark an organisation as a hosting provider when they are a word of its name.
var orgWords = map[string]bool{
	"hosting": true, "hoster": true, "cloud": true, "datacenter": true, "datacentre": true, "datacenters": true,
	"vps": true, "vds": true, "colocation": true, "colo": true, "servers": true, "dedicated": true, "hostings": true,
}

// orgSuffixes mark it when a word ends in them: webhosting, OVHcloud.
var orgSuffixes = []string{"hosting", "cloud", "datacenter", "servers"}

// hostingOrg says whether an organisation's name sounds like a hosting provider's: "Example Web Hosting Ltd", "Foo Data
// Center".
func hostingOrg(org string) bool {
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

// asnField is the part of a line that holds its AS number: in a table its column, else what comes before a comma or a
// comment.
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
