// SPDX-License-Identifier: Apache-2.0

package shape

import (
	"slices"
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
	"github.com/aer-project/aer/transforms/enrich/useragent"
)

// role is what part of a person's software a client is.
type role int

const (
	roleNone    role = iota // a library, a robot, nothing known
	roleBrowser             // a browser of its own
	roleApp                 // an application
	roleWebView             // the engine that an application shows pages with
	roleStack               // the system's HTTP stack, which speaks for an application
	rolePlayer              // the system's media player or download manager
)

// Families of systems that one application's parts share. A stack of frameworks for phones says of none which one it
// runs on.
const (
	apple   = "apple"
	android = "android"
	phone   = "phone"
)

// look is a client with what the rules ask about it.
type look struct {
	*aerv1.FacetClient
	low    string // the user agent in lower case
	role   role
	system string // apple, android, phone, or the operating system
}

func newLook(c *aerv1.FacetClient) look {
	l := look{FacetClient: c, low: strings.ToLower(c.GetUserAgent()), system: c.GetOs()}
	switch c.GetOs() {
	case useragent.OSiOS, useragent.OSMacOS:
		l.system = apple
	}
	l.role = l.roleOf()
	if l.system == "" {
		l.system = l.systemOfStack()
	}
	return l
}

func (l look) has(tokens ...string) bool {
	return slices.ContainsFunc(tokens, func(t string) bool { return strings.Contains(l.low, t) })
}

func (l look) begins(tokens ...string) bool {
	return slices.ContainsFunc(tokens, func(t string) bool { return strings.HasPrefix(l.low, t) })
}

func (l look) mozilla() bool { return l.begins("mozilla/") }

// roleOf never takes what is known as automation for a part of an application, but for the stack that Android's
// applications and programs of all kinds share.
func (l look) roleOf() role {
	class := l.GetClass()
	switch {
	case class == aerv1.ClassLibrary && l.begins(androidStacks...), class == aerv1.ClassLibrary &&
		l.begins(phoneStacks...):
		return roleStack
	case class != aerv1.ClassBrowser && class != aerv1.ClassMobileApp && class != aerv1.ClassOfficial &&
		class != aerv1.ClassOther:
		return roleNone
	case l.begins("applecoremedia/", "stagefright/", "androiddownloadmanager", "nsplayer/", "windows-media-player/"),
		l.has("exoplayer", "androidxmedia3"):
		return rolePlayer
	case !l.mozilla() && (l.has("cfnetwork/") && l.has("darwin/") || l.has("dalvik/", "okhttp/", "cronet/")):
		return roleStack
	case l.webView():
		return roleWebView
	case class == aerv1.ClassOfficial, class == aerv1.ClassMobileApp, l.has("electron/"),
		class == aerv1.ClassOther && l.GetOs() != "":
		return roleApp
	case class == aerv1.ClassBrowser:
		return roleBrowser
	}
	return roleNone
}

// androidStacks and phoneStacks begin the agents of HTTP stacks that programs of all kinds have, and applications of
// phones.
var (
	androidStacks = []string{"okhttp/", "apache-httpclient/unavailable"}
	phoneStacks   = []string{"dart/", "ktor-client"}
)

func (l look) webView() bool {
	if l.GetClass() != aerv1.ClassBrowser || !l.has("applewebkit/") {
		return false
	}
	switch l.system {
	case android:
		return l.has("; wv)", "version/4.0 chrome/")
	case apple:
		return !l.has("safari/", "chrome/")
	}
	return false
}

// systemOfStack is the system that a stack is part of, where the client does not say.
func (l look) systemOfStack() string {
	switch {
	case l.has("darwin/", "applecoremedia/"):
		return apple
	case l.role == roleStack && l.begins(phoneStacks...):
		return phone
	case l.role == roleStack || l.begins("androiddownloadmanager", "stagefright/"):
		return android
	}
	return ""
}

// form is what a version belongs to: applications number their stacks and extensions by another count than themselves.
func (l look) form() string {
	if l.mozilla() {
		return "mozilla"
	}
	product, _, _ := strings.Cut(l.low, "/")
	if l.role == roleStack {
		product += " stack"
	}
	return product
}
