// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log" //nolint:depguard // a value must not show through it either
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/aer-project/aer/sinks/secret"
	"github.com/aer-project/aer/sinks/sinktest"
)

const hidden = "hunter2-correct-horse"

// Things that hold secrets in the ways in which programs do.
type (
	exported struct {
		Name   string
		Secret secret.Value `json:"secret" yaml:"secret"`
	}
	unexported struct {
		name   string
		secret secret.Value
	}
	embedding struct{ secret.Value }
	pointer   struct{ Secret *secret.Value }
	many      struct {
		List  []secret.Value
		ByKey map[string]secret.Value
		Any   any
		inner unexported
	}
)

func holders() map[string]any {
	v := secret.New(hidden)
	return map[string]any{
		"value": v, "pointer": &v, "exported": exported{"n", v}, "pointer to exported": &exported{"n", v},
		"unexported": unexported{"n", v}, "pointer to unexported": &unexported{"n", v}, "embedding": embedding{v},
		"pointer field": pointer{&v},
		"many":          many{[]secret.Value{v}, map[string]secret.Value{"k": v}, v, unexported{"n", v}},
		"slice":         []secret.Value{v}, "map": map[string]any{"k": v}, "source": sinktest.Secret(hidden),
		"struct of source": struct{ s secret.Source }{sinktest.Secret(hidden)},
	}
}

func wantHidden(t *testing.T, how, shown string) {
	t.Helper()
	for _, form := range []string{hidden, "hunter2", fmt.Sprintf("%x", hidden), fmt.Sprintf("%X", hidden),
		fmt.Sprint([]byte(hidden)), "aHVudGVyMi1jb3JyZWN0LWhvcnNl"} {
		if strings.Contains(shown, form) {
			t.Errorf("%s shows the secret: %s", how, shown)
		}
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	for name, h := range holders() {
		t.Run(name, func(t *testing.T) {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%c", "%U", "%e", "%b", "%o",
				"%p", "%w", "% x", "%08.3f", "%z"} {
				wantHidden(t, verb, fmt.Sprintf(verb, h))
				wantHidden(t, "error with "+verb, fmt.Errorf("doing it with "+verb, h).Error())
			}
			wantHidden(t, "print", fmt.Sprint(h)+fmt.Sprintln(h))
			wantHidden(t, "append", string(fmt.Append(nil, h)))
			wantHidden(t, "cmp", cmp.Diff(fmt.Sprint(h), "x")+cmp.Diff(h, nil))
			wantHidden(t, "reflection", walk(reflect.ValueOf(h), 0))
		})
	}
}

func TestNothingMarshalsASecret(t *testing.T) {
	for name, h := range holders() {
		t.Run(name, func(t *testing.T) {
			for how, f := range map[string]func() ([]byte, error){
				"json":    func() ([]byte, error) { return json.Marshal(h) },
				"json v2": func() ([]byte, error) { return jsonv2.Marshal(h) },
				"yaml":    func() ([]byte, error) { return yaml.Marshal(h) },
				"xml":     func() ([]byte, error) { return xml.Marshal(h) },
				"gob": func() ([]byte, error) {
					var b bytes.Buffer
					err := gob.NewEncoder(&b).Encode(h)
					return b.Bytes(), err
				},
				"template": func() ([]byte, error) {
					var b bytes.Buffer
					err := template.Must(template.New("").Parse(`{{.}} {{printf "%v" .}} {{js .}}`)).Execute(&b, h)
					return b.Bytes(), err
				},
			} {
				out, err := f()
				wantHidden(t, how, string(out)+fmt.Sprint(err))
			}
		})
	}
}

func TestNothingLogsASecret(t *testing.T) {
	var b bytes.Buffer
	for name, h := range holders() {
		for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
			l := slog.New(handler)
			l.Info("m", name, h, slog.Any("any", h), slog.Group("g", slog.Any("in", h)))
			l.With("with", h).Error("m", "error", fmt.Errorf("wrapping %v: %w", h, errors.New("x")))
		}
		log.New(&b, "", 0).Println(h)
	}
	wantHidden(t, "log", b.String())
}

func TestPanicsShowNoSecret(t *testing.T) {
	for name, h := range holders() {
		t.Run(name, func(t *testing.T) {
			defer func() { wantHidden(t, "panic", fmt.Sprintf("%v %+v %#v", recover(), h, h)) }()
			panic(h)
		})
	}
}

// walk prints everything that a printer without regard for methods or visibility can reach, as deep dumpers do.
func walk(v reflect.Value, depth int) string {
	if depth > 12 {
		return ""
	}
	var b strings.Builder
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			b.WriteString(walk(v.Elem(), depth+1))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			b.WriteString(v.Type().Field(i).Name + ":" + walk(v.Field(i), depth+1) + " ")
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			b.WriteString(walk(v.Index(i), depth+1) + " ")
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			b.WriteString(walk(k, depth+1) + "=" + walk(v.MapIndex(k), depth+1))
		}
	default:
		b.WriteString(v.String())
	}
	return b.String()
}

func TestReveal(t *testing.T) {
	v := secret.New(hidden)
	if v.Reveal() != hidden || v.Empty() || !v.Equal(secret.New(hidden)) || v.Equal(secret.New(hidden+"x")) ||
		v.Equal(secret.Value{}) {
		t.Error("the secret is not the one that was given")
	}
	if z := (secret.Value{}); !z.Empty() || z.Reveal() != "" || fmt.Sprint(z) != secret.Redacted {
		t.Error("the zero value is not the empty secret")
	}
}
