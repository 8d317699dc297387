// SPDX-License-Identifier: Apache-2.0

package event

import "strings"

// pollingMethods are the methods that official clients call on their own, at machine-regular pace, as long as they are
// open: unread counters, read markers, presence, connection upkeep, preferences. Nobody asked for these calls, so they
// say nothing about pace or breadth. From the network traffic of Slack's web client and its public API.
var pollingMethods = map[string]bool{
	"api.test": true, "auth.test": true, "ping": true,
	"client.counts": true, "client.userBoot": true, "client.shouldReload": true, "client.appCommands": true,
	"conversations.mark": true, "channels.mark": true, "groups.mark": true, "im.mark": true, "mpim.mark": true,
	"subscriptions.thread.mark": true, "activity.mark": true, "users.counts": true,
	"users.getPresence": true, "users.setPresence": true, "users.setActive": true,
	"dnd.info": true, "dnd.teamInfo": true, "users.prefs.get": true, "eventlog.history": true,
	"apps.connections.open": true,
}

// pollingFamilies are the families of which every method is upkeep of a connection.
var pollingFamilies = []string{"rtm", "presence"}

// polls tells whether a method is called in the background.
func polls(method string) bool {
	family, _, ok := strings.Cut(method, ".")
	return pollingMethods[method] || ok && oneOf(family, pollingFamilies...)
}

// readVerbs are the last parts of names of methods that read, in Slack's naming ("conversations.history") and that of
// most APIs that name methods so.
var readVerbs = map[string]bool{
	"history": true, "replies": true, "info": true, "list": true, "get": true, "search": true, "members": true,
	"read": true, "view": true, "lookup": true, "lookupByEmail": true, "download": true, "export": true,
	"accessLogs": true,
}

// readsContent tells whether an API method reads content or directory entries: any method of the search family; a last
// part in readVerbs; or one that begins with list or get and goes on with a capital (listChannels, getEntities).
// Polling does not.
func readsContent(method string) bool {
	if method == "" || polls(method) {
		return false
	}
	verb := method[strings.LastIndexByte(method, '.')+1:]
	return readVerbs[verb] || strings.HasPrefix(method, "search.") || verbBegins(verb, "list") || verbBegins(verb, "get")
}

func verbBegins(verb, with string) bool {
	rest, ok := strings.CutPrefix(verb, with)
	return ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z'
}
