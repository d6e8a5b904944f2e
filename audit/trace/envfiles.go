package trace

import (
	"path"
	"regexp"
	"slices"
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

var (
	// askedSetting matches where code asks for such a variable, in many languages.
	askedSetting = regexp.MustCompile(`(?i)(?:env|get|fetch|environ|getenv|lookupenv)[\])]?[?!]?[.(\[:]{1,2}\s*["']?GH_(?:REPO|HOST)\b|\$[({]*(?:env:)?GH_(?:REPO|HOST)\b`)
	// toldWord matches the name of one.
	toldWord = regexp.MustCompile(`\bGH_(?:REPO|HOST)\b`)
)

// foreignExports keeps the variables that code in a language which is not read to its
// end seems to write for the later steps: those whose lines stand in it, and of those
// that it takes from a file of the checkout what tells gh where to go. Of code whose
// output goes to the file of variables, or that is given the file, that alone is kept.
func (r *run) foreignExports(f foreignScript) {
	own := strings.Contains(f.source, "GITHUB_ENV")
	if !own && !f.told {
		if !r.open {
			taken, more := r.takenIn(f)
			r.opens(more || slices.ContainsFunc(taken, func(text string) bool { return strings.Contains(text, "GITHUB_ENV") }))
		}
		return
	}
	r.opens(f.language != "javascript" || f.told)
	if f.language == "javascript" || f.language == "go" {
		own, f.told = false, true // What else JavaScript writes is read; Go has many such texts.
	}
	var found []shell.Setting
	add := func(name, text string, known bool) {
		if !own && !slices.Contains(rules.GhPlaces, name) {
			return
		}
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
	sources := []string{f.source}
	if f.told {
		taken, _ := r.takenIn(f)
		sources = append(sources, taken...)
	}
	for _, source := range sources {
		for _, m := range printedSetting.FindAllStringSubmatch(source, -1) {
			add(m[1], m[2], m[2] != "")
		}
		for _, m := range ghSetting.FindAllStringSubmatch(source, -1) {
			if m[1] != "get" && m[1] != "getenv" && m[1] != "fetch" {
				add(m[2], m[4], m[3] != "")
			}
		}
		data, read := r.dataOf(source)
		if found = append(found, data...); !read && namesFromData(source) {
			for _, name := range rules.GhPlaces {
				add(name, "", false)
			}
		}
		for _, name := range toldWord.FindAllString(askedSetting.ReplaceAllString(source, ""), -1) {
			if !slices.ContainsFunc(found, func(s shell.Setting) bool { return s.Name == name }) {
				add(name, "", false)
			}
		}
	}
	r.exportAll(found, true, f.file, f.line.line(0))
}

// dataOf are the variables that tell gh where to go in the files of the checkout that
// code names. What stands there in another form than that of settings is not known.
// read tells whether there is any such file.
func (r *run) dataOf(source string) (found []shell.Setting, read bool) {
	for _, m := range dataFile.FindAllStringSubmatch(source, -1) {
		_, text, there := r.read(nil, m[1])
		if !there {
			continue
		}
		read = true
		settings, _ := shell.Settings(string(text))
		for _, name := range rules.GhPlaces {
			i := slices.IndexFunc(settings, func(s shell.Setting) bool { return s.Name == name })
			switch {
			case i >= 0:
				found = append(found, settings[i])
			case strings.Contains(string(text), name):
				found = append(found, shell.Setting{Name: name, Value: value.Unknown("$" + name)})
			}
		}
	}
	return found, read
}

var (
	// takesData matches where code takes data that it does not spell.
	takesData = regexp.MustCompile(`(?i)\bjson\.(?:load|parse)|json_decode|\byaml\.|\btoml(?:lib)?\.|\benviron\.(?:items|copy)|\bENV\.(?:each|to_h)|dotenv|check_output|\.json\(\)`)
	// pairLoop matches the names of a loop over pairs.
	pairLoop = regexp.MustCompile(`\bfor\s+\(?\s*(\w+)\s*,\s*\w+|\|\s*(\w+)\s*,\s*\w+\s*\||\bas\s+\$(\w+)\s*=>`)
	// pairPrinted matches where a text is made of a name and a value.
	pairPrinted = regexp.MustCompile(`[{$](\w+)\}?=|\b(\w+)\s*[+.]\s*["']=|%s=%s|\{\}=\{\}`)
)

// namesFromData tells whether code prints the pairs of data that it takes as settings.
// It would be missed where a function of its own prints them.
func namesFromData(source string) bool {
	printed := pairPrinted.FindAllStringSubmatch(source, -1)
	if len(printed) == 0 || !takesData.MatchString(source) {
		return false
	}
	names := map[string]bool{"": true} // of a template without names
	for _, m := range pairLoop.FindAllStringSubmatch(source, -1) {
		names[m[1]+m[2]+m[3]] = true
	}
	return len(names) > 1 && slices.ContainsFunc(printed, func(m []string) bool { return names[m[1]+m[2]] })
}

// printsSettings keeps what the commands which a command starts print of what tells gh
// where to go, where that one's output goes to the file of variables.
func (r *run) printsSettings(by *Site, started []*Site) {
	var found []shell.Setting
	for _, s := range started {
		if s.Command == nil || len(s.Command.Args) < 2 || !rules.PassesOn.Has(path.Base(s.Command.Args[0].LiteralOr(""))) {
			continue
		}
		for _, a := range s.Command.Args[1:] {
			masked := a.Mask()
			for _, line := range strings.FieldsFunc(masked.Text, func(c rune) bool { return c == '\n' || c == ' ' }) {
				if name, text, ok := strings.Cut(line, "="); ok && slices.Contains(rules.GhPlaces, name) {
					found = append(found, shell.Setting{Name: name, Value: masked.Table.Value(text)})
				}
			}
		}
	}
	if len(found) > 0 {
		r.exportAll(found, true, by.File, by.Line)
	}
}

// loadsFile notes the variables of a file of the checkout that a task runner reads:
// the first file that sets one is the one that counts.
func (r *run) loadsFile(into map[string]string, name string) (there bool) {
	source, err := r.file(name)
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
