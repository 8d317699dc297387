// SPDX-License-Identifier: Apache-2.0

package event

import "strings"

// countries are the codes of ISO 3166-1 alpha-2, and XK, which everybody uses for Kosovo.
const countries = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZ" +
	"DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJP" +
	"KEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOM" +
	"PAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZ" +
	"UAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZWXK"

var isCountry = func() (known [26 * 26]bool) {
	for i := 0; i+1 < len(countries); i += 2 {
		known[int(countries[i]-'A')*26+int(countries[i+1]-'A')] = true
	}
	return known
}()

// country gives a country's code of two capitals. "" is also what the codes mean that databases and proxies write for
// "none": XX, ZZ, T1 (Tor), A1 and A2 (proxies, satellites), O1, EU and AP (a continent), and the other codes left to
// users. A name or a code of three letters is not read: false.
func country(s string) (string, bool) {
	if len(s) == 2 && upper(s[0]) && upper(s[1]) && isCountry[int(s[0]-'A')*26+int(s[1]-'A')] {
		return s, true
	}
	s = bare(s)
	if len(s) != 2 {
		return "", placeholder(s)
	}
	switch code := strings.ToUpper(s); {
	case upper(code[0]) && upper(code[1]) && isCountry[int(code[0]-'A')*26+int(code[1]-'A')]:
		return code, true
	case code == "UK":
		return "GB", true
	case oneOf(code, "T1", "A1", "A2", "O1", "EU", "AP", "AA", "ZZ"), placeholder(code), code[0] == 'X' && upper(code[1]),
		code[0] == 'Q' && code[1] >= 'M' && upper(code[1]):
		return "", true
	}
	return "", false
}

func upper(c byte) bool { return 'A' <= c && c <= 'Z' }
