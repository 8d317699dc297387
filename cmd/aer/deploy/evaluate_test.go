// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

const folder = "terraform"

// module is what the files declare, by address: "google_pubsub_topic.events", "local.tables", "var.project".
type module struct {
	blocks map[string]*hclsyntax.Block
	locals map[string]hclsyntax.Expression
	values map[string]cty.Value // of locals, as far as they are known
	given  map[string]cty.Value // variables that differ from their defaults
}

// load parses all files of the folder. Errors are of the test.
func load(t *testing.T, given map[string]cty.Value) *module {
	t.Helper()
	m := &module{map[string]*hclsyntax.Block{}, map[string]hclsyntax.Expression{}, map[string]cty.Value{}, given}
	files, err := filepath.Glob(filepath.Join(folder, "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, diags := hclsyntax.ParseConfig(raw, file, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for _, b := range parsed.Body.(*hclsyntax.Body).Blocks {
			m.declare(t, b)
		}
	}
	return m
}

// declare notes a block under its address.
func (m *module) declare(t *testing.T, b *hclsyntax.Block) {
	t.Helper()
	if b.Type == "locals" {
		for name, a := range b.Body.Attributes {
			if m.locals[name] != nil {
				t.Errorf("%s: local.%s is declared twice", a.SrcRange, name)
			}
			m.locals[name] = a.Expr
		}
		return
	}
	address := strings.Join(append([]string{b.Type}, b.Labels...), ".")
	address = strings.Replace(strings.TrimPrefix(address, "resource."), "variable.", "var.", 1)
	if m.blocks[address] != nil && b.Type != "terraform" {
		t.Errorf("%s: %s is declared twice", b.Range(), address)
	}
	m.blocks[address] = b
}

// value evaluates an expression. What resources are named is not known before they are there: they are unknown.
func (m *module) value(t *testing.T, e hcl.Expression, more map[string]cty.Value) cty.Value {
	t.Helper()
	ctx := &hcl.EvalContext{Functions: functions(t), Variables: map[string]cty.Value{
		"path": cty.ObjectVal(map[string]cty.Value{"module": cty.StringVal(folder)}),
	}}
	locals, vars := map[string]cty.Value{}, map[string]cty.Value{}
	for _, ref := range e.Variables() {
		root, name := ref.RootName(), ""
		if attr, ok := ref[min(1, len(ref)-1)].(hcl.TraverseAttr); ok {
			name = attr.Name
		}
		switch {
		case root == "local":
			locals[name] = m.local(t, name)
		case root == "var":
			vars[name] = m.variable(t, name)
		case root == "path" || root == "each":
		case strings.HasPrefix(root, "google_") || root == "data":
			ctx.Variables[root] = cty.DynamicVal
		}
	}
	ctx.Variables["local"], ctx.Variables["var"] = cty.ObjectVal(locals), cty.ObjectVal(vars)
	for name, v := range more {
		ctx.Variables[name] = v
	}
	v, diags := e.Value(ctx)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

func (m *module) local(t *testing.T, name string) cty.Value {
	t.Helper()
	if v, ok := m.values[name]; ok {
		return v
	}
	e := m.locals[name]
	if e == nil {
		t.Fatalf("local.%s is not declared", name)
	}
	m.values[name] = m.value(t, e, nil)
	return m.values[name]
}

func (m *module) variable(t *testing.T, name string) cty.Value {
	t.Helper()
	b := m.blocks["var."+name]
	if b == nil {
		t.Fatalf("var.%s is not declared", name)
	}
	typ, diags := typeOf(b)
	if diags != nil {
		t.Fatal(diags)
	}
	v, ok := m.given[name]
	if !ok {
		a := b.Body.Attributes["default"]
		if a == nil {
			t.Fatalf("var.%s has no default, and the test gives none", name)
		}
		v = m.value(t, a.Expr, nil)
	}
	v, err := convert.Convert(v, typ)
	if err != nil {
		t.Fatalf("var.%s: %v", name, err)
	}
	return v
}

// typeOf reads the types that our variables have.
func typeOf(b *hclsyntax.Block) (cty.Type, error) {
	a := b.Body.Attributes["type"]
	if a == nil {
		return cty.NilType, fmt.Errorf("%s has no type", b.Range())
	}
	if call, ok := a.Expr.(*hclsyntax.FunctionCallExpr); ok && call.Name == "set" {
		return cty.Set(cty.String), nil
	}
	switch hcl.ExprAsKeyword(a.Expr) {
	case "string":
		return cty.String, nil
	case "number":
		return cty.Number, nil
	case "bool":
		return cty.Bool, nil
	}
	return cty.NilType, fmt.Errorf("%s: a type that the test does not know", a.SrcRange)
}

// functions are those of Terraform that the files use.
func functions(t *testing.T) map[string]function.Function {
	t.Helper()
	read := func(name string) (string, error) {
		raw, err := os.ReadFile(name)
		return string(raw), err
	}
	all := map[string]function.Function{
		"contains": stdlib.ContainsFunc, "join": stdlib.JoinFunc, "jsondecode": stdlib.JSONDecodeFunc,
		"jsonencode": stdlib.JSONEncodeFunc, "keys": stdlib.KeysFunc, "length": stdlib.LengthFunc,
		"lookup":   stdlib.LookupFunc,
		"regexall": stdlib.RegexAllFunc, "replace": stdlib.ReplaceFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc,
		"toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
	}
	text := function.Parameter{Name: "path", Type: cty.String}
	all["file"] = function.New(&function.Spec{Params: []function.Parameter{text},
		Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			raw, err := read(args[0].AsString())
			return cty.StringVal(raw), err
		}})
	all["templatefile"] = function.New(&function.Spec{
		Params: []function.Parameter{text, {Name: "vars", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			raw, err := read(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			e, diags := hclsyntax.ParseTemplate([]byte(raw), args[0].AsString(), hcl.InitialPos)
			if diags.HasErrors() {
				return cty.NilVal, diags
			}
			v, diags := e.Value(&hcl.EvalContext{Functions: all, Variables: args[1].AsValueMap()})
			if diags.HasErrors() {
				return cty.NilVal, diags
			}
			return v, nil
		}})
	return all
}
