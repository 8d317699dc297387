package scenario

import (
	_ "embed" // the texts
	"strings"

	aerv1 "github.com/aer-project/aer/schemas/aer/v1"
)

//go:embed language.txt
var language string

//go:embed example.txtar
var example string

// Language says how a story is written, with a whole example.
func Language() string {
	return language + fold("Programs:", known(programs)) + fold("Places:", known(places)) + fold("Types:", aerv1.AnomalyTypes...) +
		fold("Outcomes:", outcomes()...) + fold("Gates:", gates()...) +
		"\nAn example:\n\n  " + strings.ReplaceAll(example, "\n", "\n  ")
}

// fold breaks a list into lines of less than 120 columns.
func fold(head string, list ...string) string {
	out, column := head, len(head)
	for _, w := range strings.Fields(strings.Join(list, ", ")) {
		if column += len(w) + 1; column > 118 {
			out, column = out+"\n ", len(w)
		}
		out += " " + w
	}
	return out + "\n"
}
