package decide

import (
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/infer"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// search is a place that looks for what one user has written, whom it names.
type search struct {
	login string
	// kinds are of what: "comments", "reviews", "issues", "pull requests".
	kinds []string
	place audit.Place
	// site is the action that looks, nil for a script.
	site *trace.Site
}

// writtenAs are the kinds of things that have an author, by the events of
// writing them.
var writtenAs = map[string]string{
	"issue_comment": "comments", "pull_request_review_comment": "comments", "commit_comment": "comments", "discussion_comment": "comments",
	"pull_request_review": "reviews", "issues.opened": "issues", "pull_request.opened": "pull requests",
}

// writesAs returns the kinds of what a use writes under its token's name, or
// changes of that.
func writesAs(u *infer.Use) []string {
	var out []string
	for _, op := range u.Operations {
		for _, e := range op.Events {
			kind := writtenAs[e.Name]
			if kind == "" {
				kind = writtenAs[e.Key()]
			}
			if kind != "" {
				out = appendNew(out, kind)
			}
		}
	}
	return out
}

// byLogin notes the uses of secrets that write under the token's name what
// something in the job looks for by the name of its author: with another token
// it is not found unless that name is changed as well. Whose name it is, is not
// known; it is wrong where a job looks for what a third user wrote.
func (d *decider) byLogin(j *jobView) {
	var searches []search
	looked := false
	for _, u := range j.uses {
		if u.Credential.Kind != value.Secret || !open(u) {
			continue
		}
		kinds := writesAs(u.Use)
		if len(kinds) == 0 {
			continue
		}
		if !looked {
			searches, looked = d.searches(j), true
		}
		for _, s := range searches {
			both := slices.DeleteFunc(slices.Clone(kinds), func(kind string) bool { return !slices.Contains(s.kinds, kind) })
			if len(both) == 0 {
				continue
			}
			s.note(u, both)
			for _, v := range j.uses {
				if s.site != nil && v.Site == s.site && v.Credential.Kind == value.Secret && v.Credential.Name == u.Credential.Name && open(v) {
					s.note(v, both)
				}
			}
		}
	}
}

// open tells whether a condition still says something of a use.
func open(u *ruled) bool {
	return u.ruling.verdict == audit.VerdictReplaceable || u.ruling.verdict == audit.VerdictConditional
}

// note says of a use what else is to be changed with it: where an input of the
// workflow names the author, that is all there is to it, and a condition where
// code does.
func (s search) note(u *ruled, kinds []string) {
	if s.site != nil {
		u.named = fmt.Sprintf("; %s by %s are looked for (%s:%d): change that name to %s together with the token", strings.Join(kinds, " and "), s.login, s.place.File, s.place.Line, botLogin)
		return
	}
	detail := fmt.Sprintf("%s by %s are looked for, and with GITHUB_TOKEN they are by %s: change that name together with the token", strings.Join(kinds, " and "), s.login, botLogin)
	u.ruling.condition("reduced-function", detail, []audit.Place{s.place})
}

// NamedAuthor returns the name by which an action of the job looks for the
// comments that a use writes, or by which that action itself, if the use is its
// own; "" for none. The name is to be changed together with the token.
func NamedAuthor(j *infer.Job, u *infer.Use) string {
	for _, site := range j.Sites {
		if site != u.Site && !slices.Contains(writesAs(u), "comments") {
			continue
		}
		for _, login := range namedBy(site) {
			return login
		}
	}
	return ""
}

// namedBy yields the inputs of an action of the workflow itself that name an
// author, with the name.
func namedBy(site *trace.Site) iter.Seq2[string, string] {
	return func(yield func(input, login string) bool) {
		if site.Action == nil || site.Through != nil || site.Elsewhere != "" {
			return
		}
		for _, input := range rules.InputSearched.Names() {
			if login := site.Action.Inputs[input].LiteralOr(""); isUser(login) && !yield(input, login) {
				return
			}
		}
	}
}

// searches finds what a job looks for by its author: in the inputs of its
// actions, in its scripts, and in those of the repository that they run.
func (d *decider) searches(j *jobView) []search {
	var out []search
	var read []string
	for _, site := range j.Sites {
		if site.Through != nil || site.Elsewhere != "" {
			continue
		}
		for input, login := range namedBy(site) {
			out = append(out, search{login, []string{"comments"}, site.Action.Place(input), site})
		}
		out = append(out, listedBy(site)...)
		first, _ := site.StepLines()
		key := fmt.Sprintf("%s:%d", site.File, first)
		if !slices.Contains(read, key) {
			read = append(read, key)
			out = append(out, comparedIn(d.textOf(j, site), site)...)
		}
	}
	return out
}

// textOf is the source of the step that a site belongs to, or of the file that
// the step runs.
func (d *decider) textOf(j *jobView, site *trace.Site) block {
	if site.File != j.File.Path {
		source, err := d.repository.Read(site.File)
		if err != nil {
			return block{}
		}
		return block{text: string(source), place: audit.Place{File: site.File, Line: 1}}
	}
	first, last := site.StepLines()
	lines := d.linesOf(j.File)
	if first < 1 || last > len(lines) || last < first {
		return block{}
	}
	var b strings.Builder
	for _, line := range lines[first-1 : last] {
		b.Write(line)
		b.WriteByte('\n')
	}
	return block{text: b.String(), place: audit.Place{File: site.File, Line: first}}
}

// listedBy reads the author that gh is told to list issues or pull requests
// of.
func listedBy(site *trace.Site) []search {
	if site.Command == nil || len(site.Command.Args) < 3 || site.Command.Args[0].LiteralOr("") != "gh" {
		return nil
	}
	var words []string
	for _, a := range site.Command.Args {
		words = append(words, a.LiteralOr(""))
	}
	kind := "issues"
	if slices.Contains([]string{"pr", "prs"}, words[1]) || words[1] == "search" && words[2] == "prs" {
		kind = "pull requests"
	}
	var out []search
	for i, word := range words {
		login := ""
		switch name, given, with := strings.Cut(word, "="); {
		case (name == "--author" || name == "-A") && with:
			login = given
		case (word == "--author" || word == "-A") && i+1 < len(words):
			login = words[i+1]
		default:
			if m := sought.FindStringSubmatch(word); m != nil {
				login = m[1]
			}
		}
		if isUser(login) {
			out = append(out, search{login, []string{kind}, site.Place(), nil})
		}
	}
	return out
}

// The ways in which code compares the author of something with a name.
var (
	compared = regexp.MustCompile("([\\w$.?!()\\[\\]\"']*)[.\\[][\"']?(?:user|author)[\"'\\])?!]*[.\\[][\"']?login[\"'\\]]*\\s*[!=]==?\\s*(?:\\\\?[\"'`]([^\\s\"'`\\\\]+)\\\\?[\"'`]|([$A-Za-z_][\\w$.]*))")
	// reversed has the name first.
	reversed = regexp.MustCompile("\\\\?[\"'`]([^\\s\"'`\\\\]+)\\\\?[\"'`]\\s*[!=]==?\\s*([\\w$.?!]*)\\.(?:user|author)[?!]*\\.login\\b")
	// sought is a qualifier of a search.
	sought = regexp.MustCompile(`\bauthor:"?([\w/\[\]-]+)`)
)

// comparedIn finds the names that a text compares authors with. One that
// knows github-actions[bot] among them is made for GITHUB_TOKEN as well.
func comparedIn(b block, site *trace.Site) []search {
	if !strings.Contains(b.text, "login") && !strings.Contains(b.text, "author:") {
		return nil
	}
	var out []search
	note := func(at int, of, login string, kinds []string) (own bool) {
		if isUser(login) && !strings.Contains(of, "payload") && !strings.Contains(of, "event.") && len(kinds) > 0 {
			line := strings.Count(b.text[:at], "\n")
			place := audit.Place{File: b.place.File, Line: b.place.Line + line, Text: lineAt(b.text, at)}
			if !slices.ContainsFunc(out, func(s search) bool { return s.login == login && s.place == place }) {
				out = append(out, search{login, kinds, place, nil})
			}
		}
		return login == botLogin || login == strings.TrimSuffix(botLogin, "[bot]")
	}
	own := false
	for from, to := range around(b.text, "login") {
		window := b.text[from:to]
		for _, m := range compared.FindAllStringSubmatchIndex(window, -1) {
			of := window[m[2]:m[3]]
			login := ""
			if m[4] >= 0 {
				login = window[m[4]:m[5]]
			} else {
				login = constant(b.text, window[m[6]:m[7]], site)
			}
			if name, ok := strings.CutPrefix(login, "$"); ok {
				login = constant(b.text, strings.Trim(name, "{}"), site)
			}
			own = note(from+m[0], of, login, kindsOf(of, b.text)) || own
		}
		for _, m := range reversed.FindAllStringSubmatchIndex(window, -1) {
			of := window[m[4]:m[5]]
			own = note(from+m[0], of, window[m[2]:m[3]], kindsOf(of, b.text)) || own
		}
	}
	if site.Command == nil {
		for from, to := range around(b.text, "author:") {
			if m := sought.FindStringSubmatchIndex(b.text[from:to]); m != nil {
				own = note(from+m[0], "", b.text[from+m[2]:from+m[3]], []string{"issues", "pull requests"}) || own
			}
		}
	}
	if own {
		return nil
	}
	return out
}

// The bounds of around: bytes on each side, and places.
const (
	besideWord = 150
	mostWords  = 100
)

// around yields the places of a word in a text, each with what stands beside
// it: code that was packed may have a million letters on one line.
func around(text, word string) iter.Seq2[int, int] {
	return func(yield func(from, to int) bool) {
		for i, n := 0, 0; n < mostWords; n++ {
			next := strings.Index(text[i:], word)
			if next < 0 {
				return
			}
			at := i + next
			i = at + len(word)
			if !yield(max(0, at-besideWord), min(len(text), i+besideWord)) {
				return
			}
		}
	}
}

// lineAt is the line of a text that an offset is on, without its indent, or
// what of a long one stands around it.
func lineAt(text string, at int) string {
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	line, _, _ := strings.Cut(text[max(begin, at-besideWord):min(len(text), at+besideWord)], "\n")
	return strings.ToValidUTF8(strings.TrimSpace(line), "")
}

// constant is what a name stands for that code compares with: a text that it
// is set to in the same source, or a variable of the environment; "" where
// neither shows.
func constant(text, name string, site *trace.Site) string {
	name = name[strings.LastIndexByte(name, '.')+1:]
	if name == "" {
		return ""
	}
	for rest := text; ; {
		_, behind, ok := strings.Cut(rest, name)
		if !ok {
			break
		}
		rest = behind
		if m := set.FindStringSubmatch(behind[:min(len(behind), 100)]); m != nil {
			return m[1]
		}
	}
	if site.Env == nil {
		return ""
	}
	v, _ := site.Env.Lookup(name)
	return v.LiteralOr("")
}

// set matches what stands behind a name that is set to a text.
var set = regexp.MustCompile("^\\s*[:=]\\s*[\"'`]([\\w\\[\\]-]+)[\"'`]")

// kindsOf says of what an author is compared: what the variable's name tells,
// or else whatever the text speaks of.
func kindsOf(of, text string) []string {
	words := strings.FieldsFunc(strings.ToLower(of), func(r rune) bool { return strings.ContainsRune(`.?!()[]"'`, r) })
	if len(words) > 0 {
		switch last := words[len(words)-1]; {
		case strings.Contains(last, "comment"):
			return []string{"comments"}
		case strings.Contains(last, "review"):
			return []string{"reviews"}
		case last == "pr" || strings.Contains(last, "pull"):
			return []string{"pull requests"}
		case strings.Contains(last, "issue"):
			return []string{"issues"}
		case strings.Contains(last, "commit"):
			return nil
		}
	}
	var out []string
	for _, x := range []struct{ kind, sign string }{
		{"comments", "omments"}, {"reviews", "eviews"}, {"issues", "issues.list"}, {"issues", "gh issue list"}, {"pull requests", "pulls.list"}, {"pull requests", "gh pr list"},
	} {
		if strings.Contains(text, x.sign) {
			out = appendNew(out, x.kind)
		}
	}
	return out
}

// userName matches the login of a user.
var userName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*$`)

// isUser tells the login of a user from that of an App, or of an account that a
// service writes with.
func isUser(login string) bool {
	return userName.MatchString(login) && !rules.WordApp.Has(strings.ToLower(login))
}
