package trace

import (
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// exportedFile keeps the variables of a file of the checkout that an action puts into
// the environment of the later steps.
func (r *run) exportedFile(site *Site) {
	name, ok := rules.ExportedFile(site.Action.Name, func(input string) (string, bool) {
		v, given := site.Action.Inputs[input]
		text, known := v.Literal()
		return text, known || !given
	})
	if !ok {
		return
	}
	if _, source, there := r.read(nil, name); there {
		found, _ := shell.Settings(string(source))
		r.exportAll(found, false, site.File, site.Line)
	}
}

// exportAll keeps variables for the later steps; maybe says that they may not be set.
func (r *run) exportAll(found []shell.Setting, maybe bool, file string, line int) {
	result := shell.Result{Env: map[string]value.Value{}, Perhaps: map[string]bool{}}
	for _, set := range found {
		if old, ok := result.Env[set.Name]; ok && maybe {
			result.Env[set.Name] = value.Choice(old, set.Value)
			continue
		}
		result.Env[set.Name], result.Perhaps[set.Name] = set.Value, maybe
	}
	r.effects(result, file, line)
}

var (
	// printedSetting matches a text of a program that may be a line of the file of
	// variables, ghSetting one that hands the name and the value to a function.
	printedSetting = regexp.MustCompile("[\"'`]([A-Z_][A-Z0-9_]*)=([^\"'`\\\\\n]*)")
	ghSetting      = regexp.MustCompile(`(\w*)[(\[]?\s*["'](GH_REPO|GH_HOST)["']\s*[\])]?\s*(?:=>?|,|:)\s*(["']?)([^\s"',)}]*)`)
	// dataFile matches the name of a file from which a program may take variables.
	dataFile = regexp.MustCompile(`["']([\w./-]*\.(?:env|json|ya?ml|toml|ini|cfg|txt))["']`)
)

// foreignExports keeps the variables that code in a language which is not read to its
// end seems to write for the later steps: those whose lines stand in it, and of those
// that it takes from a file of the checkout what tells gh where to go.
func (r *run) foreignExports(f foreignScript) {
	if !strings.Contains(f.source, "GITHUB_ENV") {
		return
	}
	var found []shell.Setting
	add := func(name, text string, known bool) {
		v := value.Unknown("$" + name)
		if known && !strings.ContainsAny(text, "{}%$#<") && !value.HasPlaceholder(text) {
			v = value.Text(text)
		} else if whole := f.table.Value(text); known && len(whole) == 1 && whole[0].Context != "" {
			v = whole
		}
		if old, ok := f.env.Lookup(name); !ok || !old.HoldsCredential() {
			found = append(found, shell.Setting{Name: name, Value: v})
		}
	}
	for _, m := range printedSetting.FindAllStringSubmatch(f.source, -1) {
		add(m[1], m[2], m[2] != "")
	}
	for _, m := range ghSetting.FindAllStringSubmatch(f.source, -1) {
		if m[1] != "get" && m[1] != "getenv" && m[1] != "fetch" {
			add(m[2], m[4], m[3] != "")
		}
	}
	for _, m := range dataFile.FindAllStringSubmatch(f.source, -1) {
		if _, source, there := r.read(nil, m[1]); there {
			settings, _ := shell.Settings(string(source))
			for _, set := range settings {
				if set.Name == "GH_REPO" || set.Name == "GH_HOST" {
					found = append(found, set)
				}
			}
		}
	}
	r.exportAll(found, true, f.file, f.line.line(0))
}

// loadsFile notes the variables of a file of the checkout that a task runner reads:
// the first file that sets one is the one that counts.
func (r *run) loadsFile(into map[string]string, name string) (there bool) {
	source, err := r.t.repository.Read(name)
	if err != nil {
		return false
	}
	found, _ := shell.Settings(string(source))
	for _, set := range found {
		if _, there := into[set.Name]; there {
			continue
		}
		text, known := set.Value.Literal()
		if !known {
			text = "{{ " + set.Name + " }}"
		}
		into[set.Name] = text
	}
	return true
}

// taskDotenv notes the variables of the files under `dotenv:` of a Taskfile or of one
// of its tasks.
func (r *run) taskDotenv(into map[string]string, file string, list *yaml.Node) {
	for _, node := range elements(list) {
		if name, ok := scalar(node); ok && !strings.Contains(name, "{{") {
			r.loadsFile(into, path.Join(path.Dir(file), name))
		}
	}
}

// justSetting matches a setting of just by which it loads a file of variables.
var justSetting = regexp.MustCompile(`^set\s+dotenv-(load|filename|path|required|override)\s*(?::=\s*(.*))?$`)

// justDotenv notes a setting of a justfile. just looks for the file in the folder of
// its own, and in those around.
func (f *taskfile) justDotenv(setting, text string) {
	text = strings.TrimSpace(text)
	if text == "false" {
		return
	}
	if f.dotenv == "" {
		f.dotenv = ".env"
	}
	if name, ok := justText(text); ok && (setting == "filename" || setting == "path") {
		f.dotenv = name
	}
}

// justLoads notes the variables of the file that just loads.
func (f *taskfile) justLoads(r *run, file string) {
	if f.dotenv == "" {
		return
	}
	for folder := path.Dir(file); ; folder = path.Dir(folder) {
		if r.loadsFile(f.env, path.Join(folder, f.dotenv)) || folder == "." || folder == "/" {
			return
		}
	}
}
