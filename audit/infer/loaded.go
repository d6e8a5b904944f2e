package infer

import (
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// The bounds of what is read of the files that one program loads.
const (
	maxLoaded     = 1000
	maxLoadedSize = 8 << 20
)

// taking is a file that takes a variable for a token, and how it does.
type taking struct{ file, how string }

// loads notes a variable that code or configuration of the project takes which a
// program loads by itself: pytest a conftest.py, cargo a build.rs. That others of
// the step are seen to take the variable as well says nothing against it. What
// is not found there may be elsewhere: then all is as without these files.
func (in *inferrer) loads(site *trace.Site) {
	dir := folder(site.Command.Dir)
	if in.options.All == nil || in.options.Read == nil || in.general() || strings.HasPrefix(dir, "?") || path.IsAbs(dir) || !site.Env.HoldsCredential() {
		return
	}
	words, _ := site.Command.Words()
	program, ok := rules.LoadedFiles(words)
	if !ok {
		return
	}
	if site.Followed {
		// The files that it names are read.
		program = program.Unnamed()
	} else if file, ok := shell.FileOf(site.Command.Stdin); ok {
		program.Words = append(slices.Clip(program.Words), file)
	}
	info, known := site.Command.Program()
	for _, name := range site.Env.Credentials() {
		if known && ownToken(info, name) {
			// What is known of it is said by its own rows.
			continue
		}
		v, _ := site.Env.Lookup(name)
		// To look for what takes another credential would cost requests, and say nothing.
		secret := slices.ContainsFunc(v.Credentials(), func(c *value.Credential) bool { return c.Kind == value.Secret })
		if !secret || !near(site, name) && !rules.EnvReadsToken(name) || in.otherSecret(v, name) {
			continue
		}
		found := in.taken(site, program, dir, name)
		if found.file == "" {
			continue
		}
		at := site.Place()
		in.use(site, v, commandWords(site.Command), func(u *Use) {
			if u.Credential.Kind != value.Secret {
				u.Other = true
				return
			}
			u.Reads = addressed(v) || in.meant(u.Credential, name)
			u.Unknowns = []Unknown{{
				Code: "unread", Detail: found.file + ", which " + program.Program + " loads, " + found.how, Place: at, Settle: "read what it does with the token",
			}}
		})
	}
}

// ownToken tells whether a program takes its token from a variable, by its rows: for
// GitHub, or under this very name for another service.
func ownToken(info *rules.ProgramInfo, variable string) bool {
	use, ok := info.Reads(variable)
	named := slices.ContainsFunc(use.Tokens, func(t rules.TokenSource) bool { return t.Kind == "env" && t.Name == variable })
	return ok && use.Answer != rules.AnswerQuiet && (named || use.Answer != rules.AnswerOther)
}

// Memory is what was found in the files of a repository that programs load, and
// holds for all its jobs.
type Memory struct {
	// files are those that a program loads, taking the first of them that takes a
	// variable.
	files  map[string][]string
	taking map[string]taking
}

// NewMemory returns one that holds nothing.
func NewMemory() *Memory { return &Memory{map[string][]string{}, map[string]taking{}} }

// taken returns the first file that a program loads in a folder and that takes a
// variable.
func (in *inferrer) taken(site *trace.Site, program rules.Loaded, dir, variable string) (found taking) {
	if in.options.Memory == nil {
		in.options.Memory = NewMemory()
	}
	memory := in.options.Memory
	call := strings.Join(append([]string{program.Program, dir}, program.Words...), "\x00")
	key := call + "\x00" + variable
	files, known := memory.files[call]
	if !known {
		files = program.Select(below(in.options.All(), dir))
		files = slices.Clone(files[:min(len(files), maxLoaded)])
		memory.files[call] = files
	}
	// What one job has changed holds for no other.
	lasts := !site.AnyChanged() || !slices.ContainsFunc(files, func(name string) bool { return site.Changed(path.Join(dir, name)) })
	if found, known := memory.taking[key]; known && lasts {
		return found
	}
	left := maxLoadedSize
	for _, name := range files {
		source, err := in.options.Read(path.Join(dir, name))
		if left -= len(source); left < 0 {
			break
		}
		if err != nil {
			continue
		}
		if path.Base(name) == "package.json" && program.Scripts != nil {
			source = scriptsOf(source, program.Scripts)
		}
		if how := takes(string(source), variable); how != "" {
			found = taking{path.Join(dir, name), how}
			break
		}
	}
	if lasts {
		memory.taking[key] = found
	}
	return found
}

// scriptsOf are some scripts of a package.json, one a line.
func scriptsOf(source []byte, names []string) []byte {
	var manifest struct {
		Scripts map[string]string `json:"scripts"`
	}
	if err := json.Unmarshal(source, &manifest); err != nil {
		return nil
	}
	var out []string
	for _, name := range names {
		out = append(out, manifest.Scripts[name])
	}
	return []byte(strings.Join(out, "\n"))
}

// below returns the names of files from a folder.
func below(files []string, dir string) []string {
	if dir == "." {
		return files
	}
	var out []string
	for _, file := range files {
		if rest, ok := strings.CutPrefix(file, dir+"/"); ok {
			out = append(out, rest)
		}
	}
	return out
}

var (
	// remark matches a line that is a comment in most languages.
	remark = regexp.MustCompile(`(?m)^[ \t]*(?:#|//)(?:[ \t!/].*)?$`)
	// variableWord matches the name of a variable, with what tells that it is
	// given a value in its place, or is a secret of a workflow in a text.
	variableWord = regexp.MustCompile(`(?:(?i:setenv|delenv|unsetenv|stubenv|set_var|remove_var)\w*\(\s*["']|\bdelete\s+process\.env\.|\bsecrets\.)?\b[A-Za-z_]\w*\b(?:["'\]]*[ \t]*=[ \t]*["'])?`)
	// ghWord matches GitHub CLI where it stands first in a text, or in a line.
	ghWord = regexp.MustCompile("(?m)(?:^|[\"'`(\\[> \\t])gh[\"'`< ]")
	// githubClient matches what takes in a library for GitHub's API.
	githubClient = regexp.MustCompile(`(?m)^\s*(?:from github import|import github\b|from github3 import|import github3\b)|\brequire\s*\(?\s*["']octokit["']|["'](?:@octokit/[\w-]+|octokit|@actions/github)["']`)
)

// takes says how code or configuration takes a variable for a token, "" where it
// is not seen to: it names it, other than to put another value in its place,
// starts GitHub CLI, or uses a library that is commonly given it.
func takes(source, variable string) string {
	named := strings.Contains(source, variable)
	starts := rules.EnvReadsToken(variable) && ghWord.MatchString(source)
	clients := variable == "GITHUB_TOKEN" && (strings.Contains(source, "github") || strings.Contains(source, "octokit")) && githubClient.MatchString(source)
	if !named && !clients && !starts {
		return ""
	}
	if named && names(source, variable) {
		return "names " + variable
	}
	switch {
	case clients:
		return "uses a library for GitHub's API"
	case starts && trace.StartsReader(remark.ReplaceAllString(source, ""), variable):
		return "starts a program that takes " + variable
	}
	return ""
}

// names tells whether code names a variable, other than in a remark or to put
// another value in its place.
func names(source, variable string) bool {
	for line := range strings.Lines(source) {
		if strings.Contains(line, variable) && !remark.MatchString(line) && slices.Contains(variableWord.FindAllString(line, -1), variable) {
			return true
		}
	}
	return false
}
