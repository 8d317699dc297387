package scenario

import (
	_ "embed" // the example
	"fmt"
	"strings"
	"time"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

//go:embed example.txtar
var example string

const language = `A story is a text file of sections. It begins with what it shows, in plain words; then come:

  -- settings.yaml --   what organisations have chosen, as aer settings takes it; without, the defaults
  -- directory.yaml --  who works there, as --directory takes it
  -- baseline.json --   what is normal: one aer.v1.Baseline
  -- tor.tsv --         Tor exits: address, from, until (Unix seconds), with tabs; or any list that --tor takes
  -- run --             mode=replay|observe|enforce decided_at=TIME own_actors=USER,... active_users=N
                        global_budget=N no_app_ender
  -- clients --         clients of the story's own: NAME [PROGRAM PLACE] [key=value...]
  -- events --          what happens, or
  -- findings --        what was found, for a story about gates alone
  -- want --            what must follow

A line of events is one of
  TIME WHO [xN] [every D] WHAT [CLIENT] [OBJECT] [key=value...]
  history WHO N days CLIENT [key=value...] [nologin]
and a line of findings
  TIME WHO [xN] [every D] TYPE SESSION[,SESSION...] CLIENT [key=value...]

What follows # is a comment. TIME is 2026-03-02T09:00:00Z, or 9:30[:15] since midnight of the day named last (%[6]s
if none was; 26:30 is of the next day). WHO is a user of the organisation %[5]s, or ORG/USER. U[1-40] are forty users,
who take turns in what xN repeats every D; sessions S[1-40] go along.

WHAT is login, logout, view, download, post, call METHOD, or any action by its own name. CLIENT is a name of the section
clients, or PROGRAM PLACE; left out, it is the one the user had last. chrome-142/windows is another version. OBJECT and
values may hold {n}, which counts repetitions. A login opens a session of its client, USER-1 the first; a client that
opened none uses the one opened last: so a thief is a line with another client and without a login. Keys: session=,
outcome=, user_type=, bytes=, cookie= (a time, or -3h before the event), actor= (attempt, system, record), app= (the
app that does it), and those of clients.

history makes ordinary days before the first TIME: a login, views of known-0 to known-11, some calls, a download.
reads=, downloads= and calls= add so many new objects or calls a day, with each=30 on every thirtieth day only;
until=2026-02-20 is the last day; method= is what calls= calls; nologin leaves the login out; app= has an app do it.

Keys of clients: ip=, asn=, country=, device=, ja4=, ja3=, ua=; for findings also family=, class=, previous_ip= and the
words usual (or client_usual, network_usual), device_usual, tor_stale. In findings, - is no session or no client. Keys
of findings: severity=, magnitude=, key= (its episode), id=, events=, evidence=, started=, window= (times: of the last
evidence, when the session and the window began), new=KIND:KEY,... signs=CODE,... user_type=, actor=, app=, and the
words device_usual, fast (judged by one event alone), log_only, late.

want has a line for each anomaly, in order, and beneath it, indented, what else is quoted; or the word none:
  [TIME] WHO[/attempt|/app:ID] TYPE [log|act] [OUTCOME [escalate] [by GATE]] [key=value...] [: WORDS]
      summary|reason|note : WORDS
What is left out is not compared. log is a finding that only logs whatever the settings say, GATE the one that decided,
or none. WORDS must occur in the summary, or in the reason if the line names an outcome; notes are those of the
evidence. Keys: %[3]s.
A story of findings ends with "folded N": so many findings became part of an anomaly above.

Programs:%[1]s.
Places:   %[2]s.
Types:   %[7]s.
Outcomes:%[4]s.
Gates:   %[8]s.

An example:

%[9]s`

// Language says how a story is written, with a whole example.
func Language() string {
	return fmt.Sprintf(language, fold(known(programs)), known(places), strings.Join(asked, ", "), fold(outcomes()...),
		DefaultOrg, defaultDay.Format(time.DateOnly), fold(aerv1.AnomalyTypes...), fold(gates()...),
		"  "+strings.ReplaceAll(example, "\n", "\n  "))
}

// fold breaks a list into lines that stand below their first word.
func fold(list ...string) (out string) {
	column := 0
	for _, w := range strings.Fields(strings.Join(list, ", ")) {
		if column += len(w) + 1; column > 100 {
			out, column = out+"\n         ", len(w)
		}
		out += " " + w
	}
	return out
}
