// SPDX-License-Identifier: Apache-2.0

package sqlgen

import (
	"strings"

	"github.com/aer-project/aer/sinks/warehouse"
)

// View is a view of the warehouse: under its name, without the dataset.
type View struct {
	Name string
	// Doc is its first comment: what it is for, in a sentence or two for people.
	Doc string
	// Query is what it stands for, with its comments.
	Query string
}

// viewPrefix is what the names of views' templates begin with.
const viewPrefix = "view_"

// ownViews are the views beside those that remove a table's duplicates, each after those that it stands on. The first
// is what baselines leave out; the others are for people who ask questions.
var ownViews = []string{
	"excluded_days", "incidents", "person_timeline", "detector_health", "sign_outs", "org_overview", "false_positives",
	"common_causes",
}

// viewName is how a view of ownViews is called: those for people as they are.
func viewName(own string) string {
	if own == "excluded_days" {
		return own + "_v"
	}
	return own
}

// Views renders all views, in an order in which they can be created.
func (r Renderer) Views() ([]View, error) {
	var out []View
	add := func(name, template string, data any) error {
		text, err := r.Render(template, data)
		if err != nil {
			return err
		}
		out = append(out, View{name, firstComment(text), strings.TrimSpace(text)})
		return nil
	}
	for _, s := range warehouse.Specs() {
		if err := add(s.View(), "lib_view", s); err != nil {
			return nil, err
		}
	}
	for _, own := range ownViews {
		if err := add(viewName(own), viewPrefix+own, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// firstComment gives the first paragraph of a query's comment as one line.
func firstComment(query string) string {
	var words []string
	for line := range strings.Lines(query) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "--")
		if text = strings.TrimSpace(text); !ok || text == "" {
			break
		}
		words = append(words, text)
	}
	return strings.Join(words, " ")
}

// CreateViews renders the statements that create all views, or replace them.
func (r Renderer) CreateViews() (string, error) {
	views, err := r.Views()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, v := range views {
		name, err := r.RenderText(`{{table "` + v.Name + `"}}`)
		if err != nil {
			return "", err
		}
		out.WriteString("CREATE OR REPLACE VIEW " + strings.TrimSpace(name) + " AS\n" + v.Query + ";\n\n")
	}
	return strings.TrimSpace(out.String()) + "\n", nil
}
