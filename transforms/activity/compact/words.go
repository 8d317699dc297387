// SPDX-License-Identifier: Apache-2.0

package compact

// words are texts and pieces of texts that occur all over: the vocabulary of a slice and what user agents are made of.
// A word's number is its place: new ones go to the end, and none is ever changed or removed. The first 16 take one
// byte.
var words = [...]string{
	"", "ok", "browser", "download", "read", "api", "official", "windows", "macos", "chrome", "mobile_app", "ios",
	"android", "linux", "safari", "firefox",

	"member", "guest", "external", "bot", "attempt", "app", "denied", "error", "rate_limited",
	"login", "login_failed", "logout", "post", "session_end", "other", "library", "headless", "empty",
	"chromeos", "edge", "opera", "samsung", "slack", "electron", "python-requests", "curl", "go-http-client", "okhttp",

	"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
	"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
	"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
	"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/",
	"Mozilla/5.0 (iPhone; CPU iPhone OS ", "Mozilla/5.0 (iPad; CPU OS ",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:", "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:",
	"Mozilla/5.0 (X11; Linux x86_64; rv:", "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:",
	"Mozilla/5.0 (Windows NT 10.0; Win64; x64)", "Mozilla/5.0 (Windows NT 10.0; WOW64)", "Mozilla/5.0 (Windows NT ",
	"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "Mozilla/5.0 (Macintosh; Intel Mac OS X ",
	"Mozilla/5.0 (X11; Linux x86_64)", "Mozilla/5.0 (X11; ", "Mozilla/5.0 (Linux; Android ", "Mozilla/5.0 (",

	" AppleWebKit/537.36 (KHTML, like Gecko) Chrome/", " AppleWebKit/537.36 (KHTML, like Gecko) ",
	" AppleWebKit/605.1.15 (KHTML, like Gecko) Version/", " AppleWebKit/605.1.15 (KHTML, like Gecko) ",
	" AppleWebKit/", " (KHTML, like Gecko) ", " like Mac OS X)", ".0.0.0 Safari/537.36", ".0.0.0 Mobile Safari/537.36",
	".0.0.0 Safari/537.36 Edg/", ".0.0.0", " Safari/537.36", " Safari/605.1.15", " Safari/604.1", " Mobile/15E148",
	" Mobile Safari/537.36", ") Gecko/20100101 Firefox/", " Gecko/", " Firefox/", " Chrome/", " Version/", " Edg/",
	" OPR/",
	" Electron/", " Mobile/", " Safari/", " Build/", " Slack/", "Slack/", " Sonic Slack_SSB/", "Slack_SSB/",
	"com.tinyspeck.chatlyio/", "com.Slack/", "com.tinyspeck.slackmacgap/", " (iPhone; iOS ", " (iPad; iOS ",
	"; Scale/2.00)", "; Scale/3.00)", "; Android ", " Darwin/", " CFNetwork/", " SamsungBrowser/", " GSA/", " CriOS/",
	" FxiOS/", " EdgiOS/", "python-requests/", "python-httpx/", "python-urllib/", "Python/", " aiohttp/", "curl/",
	"Go-http-client/", "okhttp/", "axios/", "node-fetch/", "PostmanRuntime/", "Wget/", "Java/", "Apache-HttpClient/",
	"HeadlessChrome/", "GuzzleHttp/", " (compatible; ", " +http://", " +https://",

	"chat.postMessage", "chat.update", "conversations.history", "conversations.list", "conversations.replies",
	"conversations.info", "conversations.members", "conversations.join", "users.list", "users.info", "users.conversations",
	"files.list", "files.info", "search.messages", "search.files", "search.all", "reactions.add", "team.info",
	"auth.test", "client.counts", "client.boot", "rtm.connect", "admin.users.list", "audit.logs",
}

// shortestPiece is the length from which a word is looked for within a text, longestWhole that up to which a text may
// be a word as it is: longer ones are pieces.
const shortestPiece, longestWhole = 5, len("conversations.members")

// numbers finds a word by its text; pieces are the numbers of those that are looked for within texts, by their first
// byte, longest first.
var numbers, pieces = index()

func index() (map[string]uint32, [256][]uint32) {
	byText, byFirst := make(map[string]uint32, len(words)), [256][]uint32{}
	for i, w := range words {
		byText[w] = uint32(i)
		if len(w) >= shortestPiece {
			byFirst[w[0]] = insertLongestFirst(byFirst[w[0]], uint32(i))
		}
	}
	return byText, byFirst
}

func insertLongestFirst(list []uint32, n uint32) []uint32 {
	at := len(list)
	for at > 0 && len(words[list[at-1]]) < len(words[n]) {
		at--
	}
	list = append(list, 0)
	copy(list[at+1:], list[at:])
	list[at] = n
	return list
}
