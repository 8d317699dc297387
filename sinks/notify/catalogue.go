// SPDX-License-Identifier: Apache-2.0

package notify

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template"

	"github.com/goccy/go-yaml"
)

// DefaultLanguage is used where a person's language is not known or has no catalogue.
const DefaultLanguage = "en"

//go:embed catalogue/*.yaml
var catalogueFiles embed.FS

// catalogue is the words of one language. Values are text templates over words.
type catalogue struct {
	Language string            `yaml:"language"`
	Months   []string          `yaml:"months"`
	Noticed  map[string]string `yaml:"noticed"`
	Titles   map[string]string `yaml:"titles"`
	Phrases  map[string]string `yaml:"phrases"`
	Labels   map[string]string `yaml:"labels"`
	Acting   map[string]string `yaml:"acting"`
	Admin    map[string]string `yaml:"admin"`
	App      map[string]string `yaml:"app"`
	Digest   map[string]string `yaml:"digest"`
	Test     map[string]string `yaml:"test"`
	Page     map[string]string `yaml:"page"`
	Roles    map[string]string `yaml:"roles"`
	parsed   map[string]*template.Template
}

// catalogues are all languages by name, read once.
var catalogues = sync.OnceValues(func() (map[string]*catalogue, error) { return loadCatalogues(catalogueFiles) })

func loadCatalogues(files fs.FS) (map[string]*catalogue, error) {
	names, err := fs.Glob(files, "catalogue/*.yaml")
	if err != nil {
		return nil, err
	}
	all := map[string]*catalogue{}
	for _, name := range names {
		c, err := loadCatalogue(files, name)
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		if want := strings.TrimSuffix(path.Base(name), ".yaml"); c.Language != want {
			return nil, fmt.Errorf("reading %s: language is %q, want %q", name, c.Language, want)
		}
		all[c.Language] = c
	}
	return all, nil
}

func loadCatalogue(files fs.FS, name string) (*catalogue, error) {
	raw, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	c := &catalogue{parsed: map[string]*template.Template{}}
	if err := yaml.UnmarshalWithOptions(raw, c, yaml.Strict()); err != nil {
		return nil, err
	}
	if len(c.Months) != 12 {
		return nil, fmt.Errorf("months: %d names, want 12", len(c.Months))
	}
	for key, text := range c.flat() {
		t, err := template.New(key).Option("missingkey=error").Parse(text)
		if err != nil {
			return nil, err
		}
		c.parsed[key] = t
	}
	return c, nil
}

// flat returns every phrase under "section.key".
func (c *catalogue) flat() map[string]string {
	all := map[string]string{}
	for section, m := range map[string]map[string]string{
		"noticed": c.Noticed, "titles": c.Titles, "phrases": c.Phrases, "labels": c.Labels,
		"acting": c.Acting, "admin": c.Admin, "app": c.App, "digest": c.Digest, "test": c.Test,
		"page": c.Page, "roles": c.Roles,
	} {
		for k, v := range m {
			all[section+"."+k] = v
		}
	}
	return all
}

// Languages lists the languages that messages are written in.
func Languages() ([]string, error) {
	all, err := catalogues()
	return slices.Sorted(maps.Keys(all)), err
}

// catalogueFor finds the best catalogue for a language tag: "de-AT", then "de", then English.
func catalogueFor(language string) (*catalogue, error) {
	all, err := catalogues()
	if err != nil {
		return nil, err
	}
	tag := strings.ToLower(strings.ReplaceAll(language, "_", "-"))
	base, _, _ := strings.Cut(tag, "-")
	for _, l := range []string{tag, base, DefaultLanguage} {
		if c := all[l]; c != nil {
			return c, nil
		}
	}
	return nil, fmt.Errorf("finding words: no catalogue for %q", DefaultLanguage)
}

// say fills in a phrase.
func (c *catalogue) say(key string, w *words) (string, error) {
	t := c.parsed[key]
	if t == nil {
		return "", fmt.Errorf("catalogue %s has no phrase %q", c.Language, key)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, w); err != nil {
		return "", fmt.Errorf("filling in phrase %q of catalogue %s: %w", key, c.Language, err)
	}
	return b.String(), nil
}

// sayFor fills in the phrase of a section for a key, or the section's "other".
func (c *catalogue) sayFor(section, key string, w *words) (string, error) {
	if c.parsed[section+"."+key] == nil {
		key = "other"
	}
	return c.say(section+"."+key, w)
}
