package infer

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// imageUse is what the steps after a login do with it, as far as it is seen.
type imageUse int

const (
	// usesNothing: no image of the registry is asked for.
	usesNothing imageUse = iota
	// usesBase: an image is built, on others that may lie there, or images of the
	// registry are used, and nothing pushes any.
	usesBase
	// usesAny: images of the registry are used, or something is not known.
	usesAny
)

// logins looks at what becomes of the job's logins to GitHub's registry of
// containers. One that no later step is seen to use, or that a build may take
// to fetch the images that it builds on, does not have to write packages. All
// that comes after it must be known; a step that is not keeps the login as it
// is. Where it is asked what a call takes that stands in no job, nothing comes
// after it.
func (in *inferrer) logins() {
	if len(in.options.Assumed) > 0 {
		return
	}
	for _, u := range in.uses {
		if !isLogin(u) {
			continue
		}
		op := &u.Operations[0]
		switch in.afterLogin(u.Site) {
		case usesNothing:
			// A login takes a token that may read packages, whatever follows.
			op.Names, op.Answer, op.Reasons = []string{"registry login"}, rules.AnswerYes, nil
			op.Note = "No later step of the job is seen to use an image of " + githubImages + "."
		case usesBase:
			op.Names = []string{"registry pull"}
			op.Note = "Later steps of the job build or use images and are not seen to push any to " + githubImages + "."
		default:
			continue
		}
		op.Needs, op.Events = needs("packages:read"), nil
	}
}

// githubImages is GitHub's registry of containers.
const githubImages = "ghcr.io"

// isLogin tells whether a use is a login to GitHub's registry of containers
// by docker/login-action, which ends with the job.
func isLogin(u *Use) bool {
	a := u.Site.Action
	return a != nil && a.Name == "docker/login-action" && len(u.Operations) == 1 && len(u.Unknowns) == 0 &&
		slices.Contains(u.Operations[0].Names, "registry push") && a.Inputs["registry"].LiteralOr("") == githubImages && len(a.Inputs["logout"]) == 0
}

// afterLogin returns what comes after a login in its job.
func (in *inferrer) afterLogin(login *trace.Site) imageUse {
	at := slices.Index(in.job.Sites, login)
	if at < 0 || in.otherLanguage() {
		return usesAny
	}
	after := in.job.Sites[at+1:]
	most := usesNothing
	if in.namesRegistry() || in.openVariable() {
		most = usesAny
	}
	for _, site := range after {
		most = max(most, in.imageUse(site))
	}
	if most == usesAny && !slices.ContainsFunc(after, mayPush) {
		return usesBase
	}
	return most
}

// namesRegistry tells whether the job's text names the registry beside its
// logins: as the image of a container, in a comment, in a variable, or in what
// is made of it in a way that is not followed.
func (in *inferrer) namesRegistry() bool {
	job := in.job.Job
	for _, c := range job.Containers {
		if strings.Contains(c.Image.Value, "$") {
			return true
		}
	}
	for i, text := range in.jobLines() {
		line := max(job.Line, 1) + i
		if namesGitHubImage(text) && !slices.ContainsFunc(in.job.Sites, func(s *trace.Site) bool { return logsInOn(s, in.job.File.Path, line) }) {
			return true
		}
	}
	return false
}

// ownDocker matches where a script makes a command of its own of docker's name.
var ownDocker = regexp.MustCompile(`\bdocker\s*\(\s*\)|\bfunction\s+docker\b|\balias\s`)

// otherLanguage tells whether a step's script may be in a language whose
// programs are not followed as those of a shell are, or changes what docker is.
func (in *inferrer) otherLanguage() bool {
	job := in.job.Job
	shells := []workflow.Text{job.DefaultShell, in.job.File.DefaultShell}
	for _, step := range job.Steps {
		shells = append(shells, step.Shell)
	}
	other := func(t workflow.Text) bool {
		word, _, _ := strings.Cut(t.Value, " ")
		return !t.IsZero() && word != "bash" && word != "sh"
	}
	return slices.ContainsFunc(shells, other) ||
		slices.ContainsFunc(job.RunsOn, func(t workflow.Text) bool { return strings.Contains(strings.ToLower(t.Value), "windows") }) ||
		ownDocker.MatchString(in.jobText())
}

// environment matches where an expression reads a variable.
var environment = regexp.MustCompile(`\benv\.([A-Za-z_]\w*)|\benv\[`)

// openVariable tells whether an expression of the job reads a variable that
// nothing is seen to set: it need not be empty, as it is taken to be elsewhere.
func (in *inferrer) openVariable() bool {
	for _, m := range environment.FindAllStringSubmatch(in.jobText(), -1) {
		set := func(s *trace.Site) bool { _, ok := s.Env.LookupFold(m[1]); return ok }
		if m[1] == "" || !slices.ContainsFunc(in.job.Sites, set) {
			return true
		}
	}
	return false
}

// jobText is the source of the job.
func (in *inferrer) jobText() string {
	return strings.Join(in.jobLines(), "\n")
}

// jobLines are the lines of the job, from job.Line on.
func (in *inferrer) jobLines() []string {
	lines := strings.Split(string(in.job.File.Source), "\n")
	first, last := max(in.job.Job.Line, 1), min(in.job.Job.EndLine, len(lines))
	if first > last {
		return nil
	}
	return lines[first-1 : last]
}

// logsInOn tells whether a line of a file is one of a login.
func logsInOn(s *trace.Site, file string, line int) bool {
	first, last := s.StepLines()
	return s.Action != nil && s.Action.Is("docker/login-action") && s.File == file && first <= line && line <= last
}

// imageUse returns what one site does with the logins that it finds.
func (in *inferrer) imageUse(site *trace.Site) imageUse {
	switch {
	case site.Pushes || site.Unread != nil || site.Registry != nil:
		return usesAny
	case site.Call != nil || site.Service != nil:
		return usesNothing
	case site.Followed:
		return followedImages(site)
	case site.Action != nil:
		return in.actionImages(site)
	case site.Command != nil && len(site.Command.Args) > 0:
		return in.commandImages(site)
	}
	return usesNothing
}

// followedImages returns what code does that was read: what a shell starts has
// sites of its own, what other programs start may not.
func followedImages(site *trace.Site) imageUse {
	if a := site.Action; a != nil {
		script := strings.ToLower(a.Inputs["script"].Mask().Text)
		if a.Name == "actions/github-script" && !strings.Contains(script, "exec") && !strings.Contains(script, "spawn") && !strings.Contains(script, "docker") {
			return usesNothing
		}
		return usesAny
	}
	switch path.Ext(site.Starts) {
	case ".sh", ".bash":
		return usesNothing
	}
	return usesAny
}

func (in *inferrer) actionImages(site *trace.Site) imageUse {
	a := site.Action
	if a.Name == "docker/login-action" {
		return usesNothing
	}
	work, ok := rules.ActionImages(a.Name)
	if !ok || len(a.Inputs["build-contexts"]) > 0 || work.Names && len(site.Hops) > 0 {
		return usesAny
	}
	for name, v := range a.Inputs {
		if namesGitHubImage(v.String()) || slices.Contains(work.Inputs, name) && !in.lieElsewhere(v) {
			return usesAny
		}
	}
	if !work.Builds {
		return usesNothing
	}
	dir := folder(a.Inputs["context"])
	file := joinFolder(dir, "Dockerfile")
	if given := a.Inputs["file"]; len(given) > 0 {
		file = folder(given)
	}
	return in.buildsOn(file)
}

func (in *inferrer) commandImages(site *trace.Site) imageUse {
	words, _ := site.Command.Words()
	work, ok := rules.CommandImages(words)
	if !ok || work.Names && len(site.Hops) > 0 {
		return usesAny
	}
	text := value.Concat(site.Command.Stdin).String()
	for _, a := range site.Command.Args {
		text += " " + a.String()
	}
	for _, out := range site.Command.Output {
		text += " " + out.Path.String()
	}
	switch {
	case namesGitHubImage(text) || strings.Contains(text, ".docker") || strings.Contains(text, "oci:"):
		return usesAny
	case words[0] != "docker" && startsDocker.MatchString(text):
		return usesAny // a program such as awk may start it
	case work.Names && slices.ContainsFunc(site.Command.Args, func(v value.Value) bool { return !in.lieElsewhere(v) }):
		return usesAny
	case work.Builds:
		// Which file it builds by is not looked for.
		return usesBase
	}
	return usesNothing
}

// startsDocker matches a command line of docker in another program's words.
var startsDocker = regexp.MustCompile(`\bdocker\s+\w`)

// dockerfileOpen matches what leaves open on which image a Dockerfile builds.
var dockerfileOpen = regexp.MustCompile(`(?im)^\s*FROM\s.*\$|--from=\S*\$|^\s*ONBUILD\s`)

// buildsOn returns what a build by a Dockerfile of this repository fetches.
func (in *inferrer) buildsOn(file string) imageUse {
	if in.options.Read == nil || strings.HasPrefix(file, "?") || strings.Contains(file, "{{") || !in.isOwnTree(path.Dir(file)) {
		return usesBase
	}
	source, err := in.options.Read(path.Clean(file))
	if err != nil || namesGitHubImage(string(source)) || dockerfileOpen.Match(source) {
		return usesBase
	}
	return usesNothing
}

// isOwnTree tells whether a folder lies in a tree of the workflow's own
// repository, and at its root.
func (in *inferrer) isOwnTree(dir string) bool {
	t := in.session.tree(dir)
	return t == in.session.trees["."] && !slices.ContainsFunc(in.treeTargets(t), func(t Target) bool { return t.Kind != Self })
}
