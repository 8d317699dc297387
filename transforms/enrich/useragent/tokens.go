// SPDX-License-Identifier: Apache-2.0

package useragent

import "strings"

// All tokens are lower case.

// headlessTokens name browsers that are driven by programs.
var headlessTokens = []string{
	"headlesschrome", "headlessedg", "headlessfirefox", "headless", "phantomjs", "slimerjs", "puppeteer", "playwright",
	"selenium", "webdriver", "chromedriver", "geckodriver", "cypress/", "jsdom", "htmlunit", "testcafe", "zombie.js",
	"browserless", "splinter", "casperjs", "nightmarejs",
}

// libraryFamilies give one family to libraries that write their name in several ways.
var libraryFamilies = []struct{ prefix, family string }{
	{"go-http-client", "go-http-client"},
	{"go 1", "go-http-client"},
	{"php/", "php"},
	{"php", "php"},
	{"java/", "java"},
	{"java1", "java"},
	{"okhttp3", "okhttp"},
	{"okhttp", "okhttp"},
	{"libwww-perl", "libwww-perl"},
	{"lwp", "libwww-perl"},
	{"guzzle", "guzzle"},
	{"python-requests", "python-requests"},
}

// phoneAppTokens are how an application says that it runs on a phone: the system's HTTP stack, or the machine in
// brackets.
var phoneAppTokens = []string{"cfnetwork/", "dalvik/", "scale/", "(iphone", "(ipad", "(ipod", "(ios", "(android",
	"; android", ";android", "; ios", ";ios", "ios/", "android/", "okhttp/"}

// phoneStacks are libraryTokens that applications of phones carry too.
var phoneStacks = setOf("okhttp/ axios/ httpclient")

// phoneLibraries are the leading products that are libraries even where a phone is named: people run scripts on Macs,
// whose system is told apart from a phone's only sometimes.
var phoneLibraries = setOf(`
	curl nscurl libcurl wget python python-urllib python-requests aiohttp httpx httpie java ruby perl php node-fetch
	axios undici go-http-client reqwest guzzle faraday postmanruntime insomnia okhttp
`)

// namedLibraries are libraries that a program without a machine may name after its own name.
var namedLibraries = []string{
	"libwww", "python/", "python-", "ruby/", "perl/", "php/", "java/", "java http", "go-http", "golang", "node/",
	"node.js", "nodejs", "curl/", "wget/",
	"guzzle", "requests/", "urllib", "httpclient/", "aiohttp", "axios", "jakarta", "apache-httpclient", "faraday/",
	"rest-client", "restsharp", "reqwest",
	"powershell", "dotnet/", ".net/", "net/http", "boto", "erlang", "haskell", "rust/", "deno/", "bun/",
}

// librarySuffixes end the names of libraries: "FooHTTPClient", "barfetch".
var librarySuffixes = []string{"httpclient", "webclient", "restclient", "apiclient", "soapclient", "rpcclient", "http",
	"curl", "requests", "urllib", "-sdk"}

// libraryTokens in a browser's string mark a library that poses as one.
var libraryTokens = []string{
	"python-requests", "python-urllib", "python/", "libwww-perl", "libwww/", "curl/", "wget/", "winhttp", "wininet",
	"indy library", "powershell/", "go-http-client", "httpclient", "okhttp/", "axios/", "node-fetch", "guzzle", "aiohttp",
	"java/1.", "webcopier", "httrack", "synapse)", "mechanize", "restsharp", "http_request",
}

// libraryWords mark a library or a command-line tool wherever they stand in the name of the leading product: "My Python
// Client". Trailing digits do not count.
var libraryWords = setOf(`
	curl libcurl pycurl nscurl wget aria axel httpie libfetch http httpx httpclient httplib httpcore httprequest rest
	restclient resty restsharp webclient python urllib requests aiohttp golang gorequest fasthttp quic colly java okhttp
	unirest jakarta jersey netty akka ahc scalaj sttp clojure php phpsoap guzzle cakephp perl lwp libwww perlclient
	mojolicious ruby faraday mechanize typhoeus httparty node nodejs axios undici superagent deno rust reqwest cpprestsdk
	powershell windowspowershell winhttp wininet xmlhttp dotnet postman postmanruntime insomnia apidog soapui jmeter k6
	httperf vegeta boto botocore azsdk gsutil gcloud terraform ansible rclone containerd buildkit buildah podman skopeo
	kubectl kubernetes attohttpc reactornetty httpoison luasocket libmicrohttpd mechanicalsoup nokogiri goutte
	winhttprequest winrm libneon libsoup urlgrabber libdnf msray rpc xmlrpc soap sdk cli script scripts daemon
`)

// libraryNames mark one only as the whole name: they are also ordinary words, makers or parts of the names of
// applications.
var libraryNames = setOf(`
	wget fetch uclient-fetch request request.js httpc retrofit pip twisted tornado treq go req apache async ktor groovy
	jodd feign symfony laravel wordpress drupal pear snoopy excon hackney got needle bun dart dio hyper ureq isahc surf
	lua cpr poco flurl gatling locust siege ktor-client wrk hey ab axel aws azure docker containers cri-o helm git svn
	neon serf dnf yum apt pacman r httr elixir erlang tesla haskell julia api sdk insomnia newman go-resty
	azure-data-factory cygwin-setup npm pnpm yarn cargo composer bundler gradle apache-maven nuget homebrew mercurial
	open-uri boost.beast apachebench httrack yt-dlp youtube-dl restic s3cmd davfs2 cadaver xh bruno-runtime rapidapi paw
	puppet certutil certutil.exe microsoft-cryptoapi envoy slackdump
`)

// robotWords are whole words that only robots, monitors, scanners and link previews use of themselves.
var robotWords = setOf(`
	robot robots bot bots crawl crawling crawled crawlers spiders nutch heritrix scrapy slurp teoma archive archiver
	wayback uptime pingdom pingdomtms catchpoint site24x7 zabbix nagios icinga munin lighthouse ptst gomez gtmetrix
	webpagetest statuscake nikto nmap masscan zgrab sqlmap wpscan dirbuster gobuster acunetix netsparker nessus openvas
	w3af nuclei ffuf wfuzz hydra shodan censys burp burpsuite zaproxy arachni skipfish mediapartners feedfetcher
	appengine feedburner simplepie facebookexternalhit facebookcatalog facebookplatform externalhit gptbot webmon
	validator w3c sitemap sitemaps fuzzer fuzzing scraper scraping healthcheck synthetics unfurl unfurler oembed embedly
	iframely prerender rendertron feroxbuster censysinspect qualys sqlninja metasploit evilginx modlishka patator
	trufflehog gitleaks sharphound roadtools aadinternals expanse leakix onyphe binaryedge stretchoid zoomeye fofa
	netcraft internetmeasurement l9explore uptimerobot statuspage nodeping hetrixtools updown checkly freshping
`)

// tradeWords are words of robots' trades and makers that applications of people are also called by, so that they count
// only where no phone and no desktop application is named: the Claude, Feedly and Datadog applications are none of
// their makers' robots.
var tradeWords = setOf(`
	anthropic openai perplexity chatgpt claude cohere research researcher seo serp keyword fuzz exploit health synthetic
	datadog favicon previewer webhook webhooks watchdog cron subscribers feedly feeds feed rss zapier ifttt n8n
	integromat workato pipedream automation worker jobs batch importer search searcher stripe twilio mailchimp sendgrid
	mailgun klaviyo hubspot shopify disqus matomo postmark prometheus grafana telegraf filebeat metricbeat dynatrace
	appdynamics thousandeyes splunk inoreader freshrss miniflux dcv sslmate certbot letsencrypt newspaper trafilatura
	feedparser readability proxy
`)

// robotSuffixes end the names that robots are given by their trade: Googlebot, SiteScanner, LinkChecker.
var robotSuffixes = []string{
	"bot", "crawler", "crawl", "spider", "scanner", "scraper", "checker", "linkcheck", "monitor",
	"monitoring", "validator",
	"fetcher", "urlfetch", "preview", "previewer", "parser", "extractor", "analyzer", "analyser", "indexer",
	"archiver", "inspector",
	"auditor", "audit", "probe", "sniffer", "harvester", "downloader", "copier", "sucker", "lookup", "webhook", "webhooks",
	"favicon", "diagnostics", "synthetic", "synthetics", "insights", "finder", "discovery", "verification", "expander",
	"thumbnail", "agent", "searcher", "exporter", "optimizer", "generator", "pinger", "watcher",
	"imageproxy", "observatory",
	"prober", "collector", "grabber", "ripper", "reaper", "leech", "siphon", "aggregator", "websearch", "scan",
	"advisor", "radar", "transcoder", "capture", "snapshot", "verify", "verifier", "detector", "tester", "research",
	"check", "chkr", "chk", "worker", "search", "searcher", "scrape", "fetch", "poller", "notifier", "importer",
	"exporter", "watch", "reputation",
}

// mobileRobotSuffixes are those of robotSuffixes that count on phones too, where applications are called CamScanner or
// Player Finder.
var mobileRobotSuffixes = setOf("bot crawler spider scraper linkcheck preview validator fetcher")

// robotSuffixIndex finds robotSuffixes by their last suffixKeyBytes bytes, so that a word costs one look-up and not
// seventy.
var robotSuffixIndex = indexSuffixes(robotSuffixes)

// suffixKeyBytes is the length of the shortest suffix.
const suffixKeyBytes = 3

// notRobots are words that end like a robot's trade and belong to people.
var notRobots = setOf(`cubot xbot abbot talkbot irobot chatbot watch applewatch stopwatch overwatch search spotlight`)

// robotPhrases mark robots anywhere in the string. Browsers close the bracket after "like Gecko", robots put their name
// there.
var robotPhrases = []string{
	"facebookexternal", "google-", "-google", "googleother", "google web preview", "google favicon", "google page speed",
	"google search console",
	"like googlebot", "feed-id", "nagios-plugins", "search engine", "searchengine", "link expander",
	"user agent", "useragent",
	"user-agent", "security research", "like gecko;", "vulnerability", "ask jeeves", "cloudflare-", "cloudflarediag",
	"site verification",
}

// inAppTokens mark browsers inside of applications, which people use on their phones.
var inAppTokens = []struct{ token, family, version string }{
	{"[fban/", "facebook", "fbav"},
	{"fb_iab/", "facebook", "fbav"},
	{"fbav/", "facebook", "fbav"},
	{"instagram ", "instagram", "instagram"},
	{"micromessenger/", "wechat", "micromessenger"},
	{" line/", "line", "line"},
	{"linkedinapp", "linkedin", "linkedinapp"},
	{"twitter for ", "twitter", "twitter"},
	{"pinterest for", "pinterest", "pinterest"},
	{"snapchat/", "snapchat", "snapchat"},
	{"gsa/", "google-app", "gsa"},
	{"baiduboxapp/", "baidu-app", "baiduboxapp"},
	{"musical_ly", "tiktok", "musical_ly"},
	{"kakaotalk", "kakaotalk", "kakaotalk"},
	{"naver(inapp", "naver", "naver"},
	{"teamsmobile", "teams", "teamsmobile-android"},
}

type browserToken struct{ token, family, version string }

// browserTokens name browser families; the first that occurs counts, so that those built on another one precede it.
// version is the product whose version counts.
var browserTokens = []browserToken{
	{"edg/", "edge", "edg"},
	{"edga/", "edge", "edga"},
	{"edgios/", "edge", "edgios"},
	{"edge/", "edge", "edge"},
	{"opr/", "opera", "opr"},
	{"opios/", "opera", "opios"},
	{"opt/", "opera", "opt"},
	{"opera mini", "opera-mini", "mini"},
	{"samsungbrowser/", "samsung-browser", "samsungbrowser"},
	{"yabrowser/", "yandex", "yabrowser"},
	{"yasearchbrowser/", "yandex", "yasearchbrowser"},
	{"vivaldi/", "vivaldi", "vivaldi"},
	{"brave/", "brave", "brave"},
	{"duckduckgo/", "duckduckgo", "duckduckgo"},
	{"ddg/", "duckduckgo", "ddg"},
	{"whale/", "whale", "whale"},
	{"ucbrowser/", "uc-browser", "ucbrowser"},
	{"ubrowser/", "uc-browser", "ubrowser"},
	{"ucweb", "uc-browser", "ucweb"},
	{"qqbrowser/", "qq-browser", "qqbrowser"},
	{"mqqbrowser/", "qq-browser", "mqqbrowser"},
	{"miuibrowser/", "miui-browser", "miuibrowser"},
	{"huaweibrowser/", "huawei-browser", "huaweibrowser"},
	{"heytapbrowser/", "heytap-browser", "heytapbrowser"},
	{"vivobrowser/", "vivo-browser", "vivobrowser"},
	{"silk/", "silk", "silk"},
	{"coc_coc_browser/", "coc-coc", "coc_coc_browser"},
	{"maxthon", "maxthon", "maxthon"},
	{"puffin/", "puffin", "puffin"},
	{"epiphany/", "epiphany", "epiphany"},
	{"konqueror/", "konqueror", "konqueror"},
	{"palemoon/", "pale-moon", "palemoon"},
	{"waterfox/", "waterfox", "waterfox"},
	{"seamonkey/", "seamonkey", "seamonkey"},
	{"focus/", "firefox-focus", "focus"},
	{"klar/", "firefox-focus", "klar"},
	{"fxios/", "firefox", "fxios"},
	{"crios/", "chrome", "crios"},
	{"firefox/", "firefox", "firefox"},
	{"opera mobi", "opera", "version"},
	{"opera/", "opera", "version"},
	{"opera ", "opera", "opera"},
	{"iemobile", "ie-mobile", "iemobile"},
	{"msie ", "ie", "msie"},
	{"trident/", "ie", "rv"},
	{"chromium/", "chrome", "chromium"},
	{"chrome/", "chrome", "chrome"},
	{"blackberry", "blackberry", "version"},
	{"bb10", "blackberry", "version"},
	{"up.browser", "openwave", "browser"},
	{"netfront", "netfront", "netfront"},
	{"safari/", "safari", "version"},
}

// engineTokens name layout engines, which robots that only pose as browsers often forget.
var engineTokens = []string{
	"applewebkit", "webkit", "gecko/", "like gecko", "trident", "msie", "presto", "khtml", "goanna", "servo/",
	"netfront", "icab",
	"netscape", "opera", "gecko firefox", "links", "lynx", "dillo", "w3m",
}

// desktopTokens, mobileTokens and tvTokens name machines that people use.
var (
	desktopTokens = []string{
		"windows nt", "windows 9", "windows 2", "windows x", "windows;", "win9", "win16", "win32", "win64", "win10",
		"win7", "win8", "winnt",
		"windows-nt", "windows_64", "windows/", "windows ", "macintosh", "mac os", "macos", "mac_", "x11", "linux", "cros ",
		"ubuntu", "freebsd", "openbsd",
		"netbsd", "sunos", "amiga", "os/2", "beos", "haiku", "openvms", "syllable", "irix", "hp-ux", "aix",
		"risc os", "darwin",
	}
	mobileTokens = []string{
		"android", "iphone", "ipad", "ipod", "cfnetwork", "dalvik", "windows phone", "windows ce", "windows mobile",
		"midp", "cldc", "up.browser", "wap-browser", "/wap", "symbian", "symbos", "series60", "series 60",
		"blackberry", "bb10",
		"kaios", "tizen", "bada", "meego", "maemo", "harmonyos", "openharmony", "palm", "webos", "hpwos", "nokia",
		"sonyericsson", "docomo",
		"kddi", "j-phone", "vodafone", "softbank", "mre/", "obigo", "teleca", "openwave", "ucweb", "(iph",
		"brew", "nintendo", "playstation", "silk/", "kindle", "nook", "watchos", "opera mini", "; adr ", "mobile/",
		"(mobile;", "(tablet;", "netfront", "cellphone",
		"samsung-", "lg-", "mot-", "sec-", "zte-", "huawei", "xiaomi", "oppo", "vivo ", "mobile safari", "[fban",
	}
	tvTokens = []string{
		"hbbtv", "smarttv", "smart-tv", "smart tv", "netcast", "web0s", "appletv", "apple tv", "tvos", "googletv",
		"google tv", "android tv",
		"androidtv", "roku", "crkey", " aftt", " aftm", " aftb", " afts", "viera", "bravia", "nettv", "ce-html", "dtv",
		"vizios", "inettv", "dlnadoc",
		"large screen", "brightsign", "xbox", "freebox", "tvbro", "iptv", "netrange", "philipstv", "kreatv",
		"opera tv", "omi/", "webtv",
	}
)

func indexSuffixes(suffixes []string) map[string][]string {
	index := make(map[string][]string)
	for _, s := range suffixes {
		key := s[len(s)-suffixKeyBytes:]
		index[key] = append(index[key], s)
	}
	return index
}

// setOf makes a set of the words in text.
func setOf(text string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(text) {
		set[w] = true
	}
	return set
}
