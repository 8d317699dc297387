// SPDX-License-Identifier: Apache-2.0

package event

// words is the set of kinds of words that an action's name is made of.
type words uint64

const (
	wLogin  words = 1 << iota
	wAuth         // authentication of any make, which may also be configured rather than done
	wFactor       // second factors and other challenges
	wSecret       // password, token and the like
	wPassword
	wSession
	wStart
	wFail
	wForgot
	wReset
	wRequest
	wEnd
	wLogout
	wForced
	wAdmin
	wBulk
	wBreaker
	wAnomaly
	wCompromised
	wSecurity
	wUser
	wStatus
	wRole
	wChange
	wPref
	wMCP
	wAI
	wTool
	wMeans  // how something is sent, or how somebody signed in
	wDone   // success
	wFiller // goes with the others and changes nothing
	wOther  // any other word
)

// vocabulary gives the kinds of a word. Each list is what products call it: Slack, Microsoft 365, Google Workspace,
// Okta, AWS, GitHub.
var vocabulary = spread(map[words]string{
	wLogin: "login logins logon signin signon",
	wAuth: "auth authn authentication authenticate authenticated authenticating sso saml oidc oauth oauth2 " +
		"kerberos ldap",
	wFactor: "mfa 2fa 2sv tfa twofactor factor otp totp webauthn passkey magic fido fido2 u2f captcha challenge " +
		"verification verify",
	wSecret:   "token tokens cookie pin code assertion signature",
	wPassword: "password passwd pwd passphrase credential credentials",
	wSession:  "session sessions",
	wStart:    "start started create created begin began opened establish established",
	wFail: "failed failure failures fail fails failing denied deny rejected reject invalid refused unsuccessful " +
		"error incorrect wrong bad unauthorized unauthorised blocked unknown ko",
	wForgot:  "forgot forgotten forget lost recover recovery",
	wReset:   "reset resets resetting",
	wRequest: "request requested requests requesting initiate initiated asked send sent emailed",
	wMeans:   "email mail link sms",
	wEnd: "reset invalidate invalidated revoke revoked terminate terminated end ended kill killed clear cleared " +
		"expire expired destroy destroyed wipe wiped purge purged",
	wLogout:      "logout logoff signout signoff",
	wForced:      "forced force forcibly remote",
	wAdmin:       "admin administrator",
	wBulk:        "bulk",
	wBreaker:     "breaker",
	wAnomaly:     "anomaly anomalies",
	wCompromised: "compromised compromise",
	wSecurity:    "security",
	wUser:        "user users account accounts member guest person principal",
	wStatus: "deactivated deactivate reactivated reactivate activated suspended suspend unsuspended unsuspend " +
		"reinstated disabled disable enabled enable locked lock lockout unlocked unlock banned provisioned deprovisioned " +
		"deprovision",
	wRole: "role roles permission permissions privilege privileges",
	wChange: "assigned assign unassigned changed change granted grant revoked revoke added add removed remove updated " +
		"update elevated",
	wPref: "pref prefs preference preferences",
	wMCP:  "mcp",
	wAI:   "ai",
	wTool: "tool tools",
	wDone: "success successful successfully succeeded ok completed",
	wFiller: "console web browser mobile desktop app via with by from using for attempt attempts interactive new two " +
		"step second out",
}, func(had, more words) words { return had | more })

// wordMaxLen is the length of the longest word looked at; longer ones are other words.
const wordMaxLen = 24

// wordsOf reads an action's name as words, however they are joined: user_login_failed, user.session.start,
// UserLoginFailed, "Sign-in failed". "log in", "sign on", "signed out" and the like are one word.
func wordsOf(action string) (set words, first string) {
	var buf, before [wordMaxLen]byte
	word, previous := buf[:0], before[:0]
	end := func() {
		if len(word) == 0 {
			return
		}
		if first == "" {
			first = string(word)
		}
		set |= kindOf(string(word), string(previous))
		previous = append(previous[:0], word...)
		word = word[:0]
	}
	for i := range len(action) {
		c := action[i]
		switch {
		case !letter(c) && (c < '0' || c > '9') && c < 0x80:
			end()
			continue
		case upper(c) && i > 0 && !upper(action[i-1]) && letter(action[i-1]):
			end() // camelCase
		}
		if upper(c) {
			c += 'a' - 'A'
		}
		if len(word) < wordMaxLen {
			word = append(word, c)
		}
	}
	end()
	return set, first
}

// kindOf is what a word after another one means.
func kindOf(word, previous string) words {
	switch previous {
	case "log", "logged", "sign", "signed", "logs", "signs", "logging", "signing":
		switch word {
		case "in", "on", "ins", "into":
			return wLogin
		case "out", "off", "outs":
			return wLogout
		}
	}
	if kind, ok := vocabulary[word]; ok {
		return kind
	}
	switch word {
	case "log", "logged", "sign", "signed", "logs", "signs", "logging", "signing": // the next word decides
		return 0
	}
	return wOther
}

func letter(c byte) bool { return upper(c &^ 0x20) }

// has tells whether s has a word of each of the kinds.
func (s words) has(kinds ...words) bool {
	for _, k := range kinds {
		if s&k == 0 {
			return false
		}
	}
	return true
}

// only tells whether s has no words but those of the kinds.
func (s words) only(kinds words) bool { return s&^kinds == 0 }
