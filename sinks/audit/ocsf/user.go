// SPDX-License-Identifier: Apache-2.0

package ocsf

import (
	"cmp"
	"regexp"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

// email is the form that the schema demands of an address (dictionary.json, email_t); it knows no letters beyond ASCII.
var email = regexp.MustCompile("^[a-zA-Z0-9!#$%&'*+-/=?^_`{|}~.]+@[a-zA-Z0-9-]+\\.[a-zA-Z0-9-.]+$")

// captions are OCSF's user types by ours. The schema knows users, administrators and accounts of operating systems:
// guests, external people and bots are another type, which the caption names.
var captions = map[string]string{aerv1.UserMember: "User", aerv1.UserGuest: "Guest", aerv1.UserExternal: "External",
	aerv1.UserBot: "Bot"}

// userOf names a user; the schema demands an id or a name of everybody.
func userOf(id, name, address, org, kind string) *user {
	u := &user{UID: text(id), Name: text(name)}
	if u.UID == "" && u.Name == "" {
		u.Name = unknown
	}
	if email.MatchString(address) {
		u.EmailAddr = text(address)
	}
	u.TypeID, u.Type = userType(kind)
	if org != "" {
		u.Org = &organization{UID: text(org)}
	}
	return u
}

func userType(kind string) (int, string) {
	switch kind {
	case "":
		return 0, unknown
	case aerv1.UserMember:
		return typeUser, captions[kind]
	}
	return typeOther, cmp.Or(captions[kind], text(kind))
}
