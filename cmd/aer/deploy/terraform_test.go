// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// given are the variables that somebody has to give.
var given = map[string]cty.Value{"project": cty.StringVal("acme-security")}

// with are those, and some more.
func with(more map[string]cty.Value) map[string]cty.Value {
	all := maps.Clone(given)
	maps.Copy(all, more)
	return all
}

func TestFormat(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(hclwrite.Format(raw)) != string(raw) {
			t.Errorf("%s is not formatted: terraform fmt", file)
		}
	}
}

// Every reference is to something that is declared, and everything that is declared for others is used.
func TestReferences(t *testing.T) {
	m := load(t, given)
	used := map[string]bool{}
	check := func(e hclsyntax.Expression, iterators []string) {
		for _, ref := range e.Variables() {
			address := addressOf(ref)
			root, _, _ := strings.Cut(address, ".")
			if root == "each" || root == "path" || slices.Contains(iterators, root) {
				continue
			}
			used[address] = true
			name, isLocal := strings.CutPrefix(address, "local.")
			if isLocal && m.locals[name] == nil || !isLocal && m.blocks[address] == nil {
				t.Errorf("%s: %s is not declared", ref.SourceRange(), address)
			}
		}
	}
	for address, b := range m.blocks {
		walk(b.Body, nil, func(name string, e hclsyntax.Expression, iterators []string) {
			if name != "type" || !strings.HasPrefix(address, "var.") {
				check(e, iterators)
			}
		})
	}
	for _, e := range m.locals {
		check(e, nil)
	}
	for address := range m.blocks {
		if strings.HasPrefix(address, "var.") && !used[address] {
			t.Errorf("%s is not used", address)
		}
	}
	for name := range m.locals {
		if !used["local."+name] {
			t.Errorf("local.%s is not used", name)
		}
	}
}

// addressOf is what a reference is to: the first two names, of data three.
func addressOf(ref hcl.Traversal) string {
	names := []string{ref.RootName()}
	for _, step := range ref[1:] {
		attr, ok := step.(hcl.TraverseAttr)
		if !ok || len(names) == 3 || len(names) == 2 && names[0] != "data" {
			break
		}
		names = append(names, attr.Name)
	}
	return strings.Join(names, ".")
}

// walk visits every attribute of a body and of the blocks in it, with the names that dynamic blocks lend.
func walk(body *hclsyntax.Body, iterators []string, visit func(string, hclsyntax.Expression, []string)) {
	for name, a := range body.Attributes {
		visit(name, a.Expr, iterators)
	}
	for _, b := range body.Blocks {
		lent := iterators
		if b.Type == "dynamic" {
			lent = append(slices.Clone(iterators), b.Labels[0])
		}
		walk(b.Body, lent, visit)
	}
}

// names are the values that one argument has in a resource: one, or one for each key of for_each.
func (m *module) names(t *testing.T, resource, argument string) []string {
	t.Helper()
	b := m.blocks[resource]
	if b == nil {
		t.Fatalf("%s is not declared", resource)
	}
	attrs := b.Body.Attributes
	if attrs["for_each"] == nil {
		return []string{m.value(t, attrs[argument].Expr, nil).AsString()}
	}
	var out []string
	all := m.value(t, attrs["for_each"].Expr, nil)
	if !all.IsKnown() { // those of another resource: the argument must be the same for each
		v := m.value(t, attrs[argument].Expr, map[string]cty.Value{"each": cty.DynamicVal})
		return []string{v.AsString()}
	}
	if all.LengthInt() == 0 {
		return nil
	}
	for it := all.ElementIterator(); it.Next(); {
		k, v := it.Element()
		each := cty.ObjectVal(map[string]cty.Value{"key": k, "value": v})
		out = append(out, m.value(t, attrs[argument].Expr, map[string]cty.Value{"each": each}).AsString())
	}
	slices.Sort(out)
	return out
}

// Rights of the project as a whole are those that cannot be granted on less, and none is of an owner or editor.
func TestLeastPrivilege(t *testing.T) {
	m := load(t, with(map[string]cty.Value{"analysts": cty.SetVal([]cty.Value{cty.StringVal("group:a@example.com")})}))
	much := regexp.MustCompile(`^roles/(owner|editor|viewer)$|[aA]dmin$`)
	ofTheProject := []string{"roles/bigquery.jobUser", "roles/dataflow.developer", "roles/dataflow.worker",
		"roles/datastore.user"}
	for address, b := range m.blocks {
		if !strings.Contains(address, "_iam_") {
			continue
		}
		for _, role := range m.names(t, address, "role") {
			if much.MatchString(role) && role != "roles/storage.objectAdmin" { // of the staging bucket
				t.Errorf("%s grants %s", address, role)
			}
			if strings.HasPrefix(address, "google_project_iam_") && !slices.Contains(ofTheProject, role) {
				t.Errorf("%s grants %s on the whole project", address, role)
			}
			if role == "roles/datastore.user" && len(b.Body.Blocks) == 0 {
				t.Errorf("%s grants every database of the project", address)
			}
		}
	}
}

// What is public, or kept in a state file, or deleted under a running job, is not there.
func TestNothingOpen(t *testing.T) {
	m := load(t, given)
	for address, b := range m.blocks {
		if strings.HasPrefix(address, "google_secret_manager_secret_version") {
			t.Errorf("%s puts a secret into the state", address)
		}
		if strings.HasPrefix(address, "google_storage_bucket.") {
			a := b.Body.Attributes["public_access_prevention"]
			if a == nil || m.value(t, a.Expr, nil).AsString() != "enforced" {
				t.Errorf("%s may become public", address)
			}
		}
		walk(b.Body, nil, func(name string, e hclsyntax.Expression, _ []string) {
			if name == "member" && strings.Contains(string(e.Range().SliceBytes(read(t, e.Range().Filename))), "allUsers") {
				t.Errorf("%s is granted to everybody", address)
			}
		})
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
