package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Updatecli is what the manifests of a run of Updatecli do with GitHub.
// Source: https://www.updatecli.io/docs/plugins/scm/github/
type Updatecli struct {
	Repositories []UpdatecliRepository
	// Open says what else may be done that is not read, a phrase each.
	Open []string
	// Handed are variables whose values go to anything else, "?" for one
	// whose name is not known.
	Handed []string
}

// Marks stand in the texts of a manifest for what only the run knows:
// MarkStart, "env:" and the name of a variable, or "?" for the rest, MarkEnd.
// No manifest has a use for these characters, and YAML lets them stand.
const (
	MarkStart = "\uE000"
	MarkEnd   = "\uE001"
	markOpen  = MarkStart + "?" + MarkEnd
	markEnv   = MarkStart + "env:"
)

// UpdatecliRepository is one repository that a manifest works on. Its texts
// may hold marks.
type UpdatecliRepository struct {
	File                       string
	Owner, Name, Branch, Token string
	// Head is the branch that is pushed, up to the pipeline's own part; empty
	// where Branch itself is.
	Head string
	// Writes says that something in it is changed and pushed, Request that a
	// pull request is opened, Merges that Updatecli has it merged, Teams that
	// a team is asked to review, Workflows that workflow files are changed,
	// and Tags that a tag is pushed.
	Writes, Request, Merges, Teams, Workflows, Tags bool
}

// updatecliManifest is one document of a manifest.
type updatecliManifest struct {
	Scms          map[string]updatecliScm      `yaml:"scms"`
	Sources       map[string]updatecliResource `yaml:"sources"`
	Conditions    map[string]updatecliResource `yaml:"conditions"`
	Targets       map[string]updatecliResource `yaml:"targets"`
	Actions       map[string]updatecliResource `yaml:"actions"`
	PullRequests  map[string]updatecliResource `yaml:"pullrequests"`
	Autodiscovery struct {
		Scmid    string         `yaml:"scmid"`
		Actionid string         `yaml:"actionid"`
		Crawlers map[string]any `yaml:"crawlers"`
	} `yaml:"autodiscovery"`
}

type updatecliScm struct {
	Kind     string         `yaml:"kind"`
	Disabled bool           `yaml:"disabled"`
	Spec     map[string]any `yaml:"spec"`
}

type updatecliResource struct {
	Kind  string         `yaml:"kind"`
	Scmid string         `yaml:"scmid"`
	Scm   map[string]any `yaml:"scm"`
	Spec  map[string]any `yaml:"spec"`
}

// ReadUpdatecli reads a manifest, with the values that its templates may name,
// the last file first. A nil map stands for values that cannot be read.
func ReadUpdatecli(file string, source []byte, values []map[string]any) (Updatecli, error) {
	if !readable(source) {
		return Updatecli{}, fmt.Errorf("%s: too long to be read, or nested too deeply", file)
	}
	text, open := fillTemplate(string(source), values)
	out := Updatecli{Open: open}
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	for {
		var m updatecliManifest
		err := decoder.Decode(&m)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return Updatecli{}, err
		}
		out.document(file, m)
	}
}

// document adds what one document says.
func (u *Updatecli) document(file string, m updatecliManifest) {
	for _, id := range slices.Sorted(maps.Keys(m.Scms)) {
		scm := m.Scms[id]
		switch {
		case scm.Disabled:
		case scm.Kind == "github":
			u.Repositories = append(u.Repositories, m.repository(file, id, scm))
			if specField(scm.Spec, "app") != "" {
				u.Open = append(u.Open, "it signs in as an App that the manifest describes")
			}
		default:
			u.Open = append(u.Open, "what it does with a repository of kind "+scm.Kind+" is not known")
		}
	}
	for _, list := range []map[string]updatecliResource{m.Sources, m.Conditions, m.Targets} {
		for _, id := range slices.Sorted(maps.Keys(list)) {
			u.resource(file, list[id], m)
		}
	}
	if m.Autodiscovery.Scmid != "" {
		u.ofScm(m, m.Autodiscovery.Scmid)
	}
}

// ofScm notes a scm that is used and not described.
func (u *Updatecli) ofScm(m updatecliManifest, id string) {
	if _, ok := m.Scms[id]; !ok && id != "" {
		u.Open = append(u.Open, "which repository "+strings.Map(plainRune, id)+" is, the manifest does not say")
	}
}

// plainRune keeps what a name may hold.
func plainRune(r rune) rune {
	if strings.ContainsRune("-_.", r) || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
		return r
	}
	return -1
}

// resource adds what a source, condition or target does by itself.
func (u *Updatecli) resource(file string, r updatecliResource, m updatecliManifest) {
	u.ofScm(m, r.Scmid)
	switch {
	case len(r.Scm) > 0:
		u.Open = append(u.Open, "an older form of a manifest is not read")
	case r.Kind == "githubrelease":
		u.Repositories = append(u.Repositories, UpdatecliRepository{
			File: file, Owner: specField(r.Spec, "owner"), Name: specField(r.Spec, "repository"), Token: specField(r.Spec, "token"),
		})
	case r.Kind == "shell" && specField(r.Spec, "environments") != "":
		u.Open = append(u.Open, "a command of the manifest is handed variables")
	default:
		u.Handed = appendMarks(u.Handed, r.Spec)
	}
}

// appendMarks adds the variables that any text in v names.
func appendMarks(names []string, v any) []string {
	switch v := v.(type) {
	case string:
		for _, rest := range strings.Split(v, markEnv)[1:] {
			name, _, _ := strings.Cut(rest, MarkEnd)
			names = append(names, name)
		}
	case []any:
		for _, e := range v {
			names = appendMarks(names, e)
		}
	case map[string]any:
		for _, e := range v {
			names = appendMarks(names, e)
		}
	}
	return names
}

// repository puts together what is done with one scm.
func (m updatecliManifest) repository(file, id string, scm updatecliScm) UpdatecliRepository {
	out := UpdatecliRepository{
		File: file, Owner: specField(scm.Spec, "owner"), Name: specField(scm.Spec, "repository"),
		Branch: specField(scm.Spec, "branch"), Token: specField(scm.Spec, "token"), Head: "updatecli_",
	}
	if out.Branch == "" {
		out.Branch = "main"
	}
	if specField(scm.Spec, "workingbranch") == "false" {
		out.Head = ""
	} else if specField(scm.Spec, "workingbranchprefix")+specField(scm.Spec, "workingbranchseparator") != "" {
		out.Head = markOpen
	}
	for _, t := range m.Targets {
		if t.Scmid != id {
			continue
		}
		out.Writes = true
		out.Workflows = out.Workflows || mentions(t.Spec, ".github/workflows")
		out.Tags = out.Tags || t.Kind == "gittag"
	}
	if m.Autodiscovery.Scmid == id {
		_, actions := m.Autodiscovery.Crawlers["githubaction"]
		_, other := m.Autodiscovery.Crawlers["githubactions"]
		out.Writes = true
		out.Workflows = out.Workflows || actions || other || len(m.Autodiscovery.Crawlers) == 0
	}
	for _, list := range []map[string]updatecliResource{m.Actions, m.PullRequests} {
		for _, a := range list {
			if a.Scmid == id && out.Writes {
				out.request(a)
			}
		}
	}
	return out
}

// request adds what an action does.
func (r *UpdatecliRepository) request(a updatecliResource) {
	if a.Kind != "github/pullrequest" && a.Kind != "github" {
		return
	}
	r.Request = true
	merge, _ := a.Spec["merge"].(map[string]any)
	strategy := specField(merge, "strategy")
	r.Merges = r.Merges || specField(a.Spec, "automerge") == "true" || strategy != "" && strategy != "manual"
	r.Teams = r.Teams || mentions(map[string]any{"": a.Spec["reviewers"]}, "/")
	if specField(a.Spec, "parent") == "true" {
		// The request is opened where the fork comes from.
		r.Owner, r.Name = markOpen, markOpen
	}
}

// specField is the text of a field of a spec, whose keys may be written in
// any case.
func specField(spec map[string]any, name string) string {
	for key, v := range spec {
		if strings.EqualFold(key, name) && v != nil {
			return textOf(v)
		}
	}
	return ""
}

// mentions tells whether any text in v holds another.
func mentions(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		return slices.ContainsFunc(v, func(e any) bool { return mentions(e, text) })
	case map[string]any:
		for _, e := range v {
			if mentions(e, text) {
				return true
			}
		}
	}
	return false
}

// templateAction matches one action of a Go template.
var templateAction = regexp.MustCompile(`(?s)\{\{-?(.*?)-?\}\}`)

// templateCall matches an action that gives a variable or a value.
var templateCall = regexp.MustCompile(`^(?:(requiredEnv|env)\s+)?(?:"([^"]*)"|\.([\w.]+))(?:\s*\|\s*quote)?$`)

// templateRange matches the beginning of what is repeated for every entry of a
// value.
var templateRange = regexp.MustCompile(`^range\s+\$\w+\s*,\s*(\$\w+)\s*:=\s*\.([\w.]+)$`)

// everyValue looks a field up in the entries of a value: it is known where all
// of them say the same.
func everyValue(values []map[string]any, key, field string) (text string, known bool) {
	if len(values) != 1 || key == "" || field == "" {
		return "", false
	}
	found, _ := walk(values[0], strings.Split(key, "."))
	entries, _ := found.(map[string]any)
	for name := range entries {
		one, ok := templateValue(values, key+"."+name+"."+field)
		if !ok || known && one != text {
			return "", false
		}
		text, known = one, true
	}
	return text, known
}

// fillTemplate replaces the actions of a template: by what they give, or by
// marks. What is repeated or depends on something
// stands there once.
func fillTemplate(source string, values []map[string]any) (text string, open []string) {
	ranges := map[string]string{}
	text = templateAction.ReplaceAllStringFunc(source, func(action string) string {
		body := strings.TrimSpace(strings.Trim(strings.TrimSuffix(strings.TrimPrefix(action, "{{"), "}}"), "-"))
		word, _, _ := strings.Cut(body, " ")
		if m := templateRange.FindStringSubmatch(body); m != nil {
			ranges[m[1]] = m[2]
		}
		switch {
		case strings.HasPrefix(body, "$") && !strings.Contains(body, ":="):
			name, field, _ := strings.Cut(body, ".")
			if text, known := everyValue(values, ranges[name], field); known {
				return text
			}
			return markOpen
		case strings.HasPrefix(body, "/*"), strings.HasPrefix(body, "$"), slices.Contains([]string{"range", "if", "else", "with", "end"}, word):
			return ""
		case slices.Contains([]string{"source", "pipeline"}, word):
			return "runtime"
		case slices.Contains([]string{"define", "template", "include", "block"}, word):
			open = append(open, "a template of the manifest brings in more")
			return ""
		}
		m := templateCall.FindStringSubmatch(body)
		if m == nil {
			return markOpen
		}
		given, known := m[2], m[2] != ""
		if m[3] != "" {
			given, known = templateValue(values, m[3])
		}
		switch {
		case !known && m[1] != "":
			return markEnv + "?" + MarkEnd
		case !known:
			return markOpen
		case m[1] != "":
			return markEnv + strings.Map(plainRune, given) + MarkEnd
		}
		return given
	})
	return text, open
}

// templateValue looks a value up in the files of values.
func templateValue(values []map[string]any, key string) (text string, known bool) {
	for _, file := range values {
		if file == nil {
			return "", false
		}
		found, ok := walk(file, strings.Split(key, "."))
		switch found.(type) {
		case nil, []any, map[string]any:
			if ok {
				return "", false
			}
			continue
		}
		text = textOf(found)
		return text, !strings.ContainsAny(text, "\n\"'{}")
	}
	return "", false
}
