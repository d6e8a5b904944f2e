package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// maxRequirements bounds the requirement files that one call reads.
const maxRequirements = 20

// installers are the words that begin a call of pip, or of what reads its files
// as pip does.
var installers = [][]string{{"pip"}, {"pip3"}, {"python", "-m", "pip"}, {"python3", "-m", "pip"}, {"uv", "pip"}, {"pip-sync"}}

// requirements handles the packages that requirement files of pip name by an
// address with a variable in it that holds a credential. pip puts in variables
// that are written "${NAME}", in capitals.
func (in *inferrer) requirements(site *trace.Site) {
	words, _ := site.Command.Words()
	words = slices.Clone(words)
	words[0] = path.Base(words[0])
	if rules.LikeConda.Has(words[0]) {
		in.condaPackages(site, words[1:])
		return
	}
	if !slices.ContainsFunc(installers, func(begin []string) bool { return len(words) >= len(begin) && slices.Equal(words[:len(begin)], begin) }) {
		return
	}
	files := requirementFiles(words[1:])
	for n := 0; n < len(files) && n < maxRequirements; n++ {
		source, err := in.readConfig(site, files[n])
		if err != nil {
			continue
		}
		number := 0
		for line := range strings.Lines(string(source)) {
			number++
			line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
			for _, more := range requirementFiles(strings.Fields(strings.Replace(line, "=", " ", 1))) {
				if file := path.Join(path.Dir(files[n]), more); !slices.Contains(files, file) {
					files = append(files, file)
				}
			}
			at := audit.Place{File: path.Clean(joinFolder(folder(site.Command.Dir), files[n])), Line: number, Text: line}
			if !strings.HasPrefix(line, "#") {
				in.packageAddress(site, expanded(site, line), at)
			}
		}
	}
}

// condaPackages handles the packages of pip that the file of an environment names,
// as [inferrer.requirements] does.
func (in *inferrer) condaPackages(site *trace.Site, words []string) {
	if !slices.Contains(words, "create") && !slices.Contains(words, "update") && !slices.Contains(words, "install") {
		return
	}
	file := "environment.yml"
	for n, w := range words {
		if flag, given, joined := strings.Cut(w, "="); (flag == "-f" || flag == "--file") && joined {
			file = given
		} else if (w == "-f" || w == "--file") && n+1 < len(words) {
			file = words[n+1]
		}
	}
	source, err := in.readConfig(site, file)
	if err != nil {
		return
	}
	number := 0
	for line := range strings.Lines(string(source)) {
		number++
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		if entry, ok := strings.CutPrefix(line, "- "); ok {
			at := audit.Place{File: path.Clean(joinFolder(folder(site.Command.Dir), file)), Line: number, Text: line}
			in.packageAddress(site, expanded(site, strings.Trim(strings.TrimSpace(entry), `"'`)), at)
		}
	}
}

// requirementFiles are the files behind -r and -c among words, whose paths are
// known.
func requirementFiles(words []string) (files []string) {
	for n, w := range words {
		flag, file, joined := strings.Cut(w, "=")
		switch {
		case slices.Contains([]string{"--requirement", "--constraint"}, flag) && joined:
		case slices.Contains([]string{"-r", "-c", "--requirement", "--constraint"}, w) && n+1 < len(words):
			file = words[n+1]
		case (strings.HasPrefix(w, "-r") || strings.HasPrefix(w, "-c")) && len(w) > 2:
			file = w[2:]
		case n > 0 && words[0] == "sync" && !strings.HasPrefix(w, "-"): // uv pip sync, pip-sync
			file = w
		default:
			file = ""
		}
		if file != "" && !strings.Contains(file, "://") && !value.HasPlaceholder(file) {
			files = append(files, file)
		}
	}
	return files
}

// inRequirements matches a variable in a requirement file.
var inRequirements = regexp.MustCompile(`\$\{([A-Z0-9_]+)\}`)

// expanded is a line of a requirement file with the variables of a command.
func expanded(site *trace.Site, line string) value.Value {
	var out value.Value
	for {
		at := inRequirements.FindStringSubmatchIndex(line)
		if at == nil {
			return value.Concat(out, value.Text(line))
		}
		v, _ := site.Env.Lookup(line[at[2]:at[3]])
		out = value.Concat(out, value.Text(line[:at[0]]), v)
		line = line[at[1]:]
	}
}
