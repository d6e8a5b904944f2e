package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The answers that only programs and actions have, beside AnswerOther.
const (
	// AnswerUnknown is for a program that reads the token, while what it
	// does with it is written elsewhere, and for an action of which it could
	// not be settled.
	AnswerUnknown Answer = "unknown"
	// AnswerQuiet is for a program that reads no GitHub token from the
	// environment, so that one which the job hands to every step is not used
	// by it; no action has it. Of programs that run the project's code (tests, builds) this is
	// an assumption: a step that is handed the token by itself says otherwise.
	AnswerQuiet Answer = "quiet"
)

// ProgramInfo is what is known of a program, and one call of it.
type ProgramInfo struct {
	// Name are its command words: "goreleaser release".
	Name string
	// Quiet is true where it reads no GitHub token from the environment. It
	// then has one use with that answer, which names no token.
	Quiet bool
	// Uses are what it does, apart by the tokens that it takes.
	Uses []ProgramUse
	// Config are the files that may hold its configuration, for the names
	// "@config", "@config:KEY" and "@others:KEY" of [ProgramInfo.Effect]: the
	// first that does counts. "package.json#release" is a part of a file. The
	// last is one that every such project has; "." is always there.
	Config []string
	// Note says in our words how sure this is.
	Note string
	// Flags and Operands are those of the call, as in [GhCall].
	Flags    map[string][]string
	Operands []string
	// Hidden tells that some operand may stand for further flags.
	Hidden bool
	// known are the flags that the table has of it.
	known []GhFlag
	// unlisted tells that a flag with a value is given which the table does
	// not have: it may say where.
	unlisted bool
}

// ProgramUse is what a program does with one token.
type ProgramUse struct {
	// Tokens are the places where the program looks for the token, the
	// first that holds one counts.
	Tokens []TokenSource
	// Answer is that of the base: yes, no, conditional, unknown, other,
	// quiet.
	Answer Answer
	rows   []effectRow
}

// TokenSource is a place where a program looks for a token.
type TokenSource struct {
	// Kind is "env", "flag", "arg", "config", "stdin", "git" for the
	// credentials that git has, or "address" for these without the header that
	// a checkout stored, which a program with a git of its own does not read.
	Kind string
	// Name is the variable ("*": every one that no other use names), the
	// long flag without dashes, the operand's number, the key of the
	// configuration that names the variable, or for git the flag that names
	// the folder whose credentials they are, "" for none.
	Name string
}

// programRow is one row of table/programs.tsv.
type programRow struct {
	name   string
	tokens []TokenSource
	flags  []GhFlag
	config []string
	effectRow
}

var programRows = rows("programs", []string{"program", "mode", "when", "tokens", "flags", "config", "needs", "answer", "reasons",
	"events", "target", "operations", "note", "source", "confidence"}, parseProgramRow)

// programEntry are the rows of one program or of one of its commands.
type programEntry struct {
	// words are those behind the program's own name.
	words []string
	rows  []programRow
}

// programs are the entries by the first word of the program, in the table's
// order.
var programs = sync.OnceValue(func() map[string][]*programEntry {
	out := map[string][]*programEntry{}
	for _, r := range programRows().rows {
		words := strings.Fields(r.name)
		entries := out[words[0]]
		if n := len(entries); n == 0 || entries[n-1].rows[0].name != r.name {
			entries = append(entries, &programEntry{words: words[1:]})
			out[words[0]] = entries
		}
		last := entries[len(entries)-1]
		last.rows = append(last.rows, r)
	}
	return out
})

func firstWord(text string) string {
	word, _, _ := strings.Cut(text, " ")
	return word
}

func parseProgramRow(r row) (programRow, error) {
	out := programRow{name: r.cell("program"), config: r.list("config")}
	if out.name == "" {
		return out, errors.New("no program")
	}
	var errs [3]error
	out.tokens, errs[0] = parseTokenSources(r.list("tokens"))
	out.flags, errs[1] = parseFlags(r.cell("flags"))
	out.effectRow, errs[2] = parseEffectRow(r)
	return out, errors.Join(errs[:]...)
}

func parseTokenSources(texts []string) ([]TokenSource, error) {
	var sources []TokenSource
	for _, text := range texts {
		kind, name, named := strings.Cut(text, ":")
		if !slices.Contains([]string{"env", "flag", "arg", "config", "stdin", "git", "address"}, kind) || kind != "git" && named != slices.Contains([]string{"env", "flag", "arg", "config"}, kind) {
			return nil, fmt.Errorf("token %q: want env:NAME, flag:--name, arg:N, config:KEY, stdin, address, git or git:--folder", text)
		}
		sources = append(sources, TokenSource{Kind: kind, Name: strings.TrimPrefix(name, "--")})
	}
	return sources, nil
}

// UsesGitCredentials tells whether a program may use the credentials that git
// has stored: by its name, or because it starts others.
func UsesGitCredentials(word string) bool {
	name, _ := programName(word)
	if gitPrograms()[name] {
		return true
	}
	return launches(name)
}

func (t TokenSource) isGit() bool { return t.Kind == "git" || t.Kind == "address" }

// UsesGit tells whether the program takes the credentials that git has stored,
// and by which flag it is told of the folder whose they are: "" for none.
func (p *ProgramInfo) UsesGit() (folder string, ok bool) {
	for _, u := range p.Uses {
		if i := slices.IndexFunc(u.Tokens, TokenSource.isGit); i >= 0 {
			return u.Tokens[i].Name, true
		}
	}
	return "", false
}

// gitPrograms are the first words of the programs that take git's credentials.
var gitPrograms = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, r := range programRows().rows {
		if slices.ContainsFunc(r.tokens, TokenSource.isGit) {
			out[firstWord(r.name)] = true
		}
	}
	return out
})

// Program returns what is known of a program, by the words of a call of it.
// The longest entry that fits counts; flags may stand between its words.
// Launchers ("npx", "uv run", "bundle exec" …), the path before the name, and
// a version after it do not matter. Words may hold placeholders.
func Program(args []string) (*ProgramInfo, bool) {
	args = plainCall(args)
	if info, ours := agenticScript(args); ours {
		return info, info != nil
	}
	info, length := findProgram(args)
	inner, launcher := launched(args)
	if inner == nil || len(launcher.Words) < length {
		return info, info != nil
	}
	// A script of the project can be called like a quiet program and be
	// nothing of the kind.
	if other, ok := Program(inner); ok && !(launcher.Scripts && other.Quiet) {
		return other, true
	}
	// The launcher stands in the table too, under as many words.
	if info != nil && !info.Quiet && len(launcher.Words) == length {
		return info, true
	}
	return nil, false
}

// newProgramInfo puts the rows of one program together.
func newProgramInfo(rows []programRow, args []string) *ProgramInfo {
	first := rows[0]
	given := parseWords(first.flags, args)
	info := &ProgramInfo{
		Name: first.name, Note: first.effect.Note, Config: first.config,
		known: first.flags, Flags: given.flags, Operands: given.operands, Hidden: slices.ContainsFunc(given.operands, lonePlaceholder),
		unlisted: unlisted(first.flags, args),
	}
	for _, r := range rows {
		if r.mode == modeBase {
			info.Uses = append(info.Uses, ProgramUse{Tokens: r.tokens, Answer: r.effect.Answer})
		}
		use := &info.Uses[len(info.Uses)-1]
		use.rows = append(use.rows, r.effectRow)
	}
	info.Quiet = len(info.Uses) == 1 && info.quiet(info.Uses[0])
	return info
}

// quiet tells whether a use is a quiet one in this call, whatever the
// environment.
func (p *ProgramInfo) quiet(use ProgramUse) bool {
	effect, certain := p.Effect(use, nil)
	return certain && effect.Answer == AnswerQuiet
}

// Effect returns what the call does by one of its uses. Get is asked for
// what stands beside the call: "env:NAME" for a variable, "@registry" for the
// package registry that an earlier step set up, "@config" for the text of
// the program's configuration, "@config:KEY" for what it says there, and
// "@others:KEY" for the entries of a list in it that [ProgramInfo.Listed] does
// not have. A nil get knows that none of these is there.
//
// As with [GhEffect], target and events are filled in from the call, and it
// is not certain where something decides that is not known. An AnswerQuiet or
// AnswerOther can be the answer here too.
func (p *ProgramInfo) Effect(use ProgramUse, get func(name string) (text string, known, set bool)) (effect Effect, certain bool) {
	given := words{known: p.known, flags: p.Flags, operands: p.Operands, unlisted: p.unlisted}
	own := given.getter(p.Hidden)
	effect, certain = getter(func(name string) (string, bool, bool) {
		switch outside := strings.HasPrefix(name, "env:") || strings.HasPrefix(name, "@"); {
		case !outside:
			return own(name)
		case get == nil:
			return "", true, false
		default:
			return get(name)
		}
	}).apply(use.rows)
	return given.resolve(effect), certain
}

// Listed returns the entries of a list in the program's configuration that its
// rows name in their conditions: "@config:plugins.NAME" is one of plugins.
func (p *ProgramInfo) Listed(key string) []string {
	var out []string
	for _, use := range p.Uses {
		for _, r := range use.rows {
			for _, t := range r.when {
				if name, ok := strings.CutPrefix(t.Name, "@config:"+key+"."); ok {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// Reads returns the use that takes its token from a variable: the one that
// names it, or else the one that may read any. Where there is none, a token
// in that variable is not used by this program. A program that looks in
// several variables uses the first of them that is set: see
// [ProgramUse.Tokens].
func (p *ProgramInfo) Reads(variable string) (ProgramUse, bool) {
	for _, name := range []string{variable, "*"} {
		for _, use := range p.Uses {
			if slices.Contains(use.Tokens, TokenSource{Kind: "env", Name: name}) {
				return use, true
			}
		}
	}
	return ProgramUse{}, false
}

// Lookup returns what the call was given by a name, as in [GhCall.Lookup].
func (p *ProgramInfo) Lookup(name string) (string, bool) {
	return words{known: p.known, flags: p.Flags, operands: p.Operands}.lookup(name)
}
