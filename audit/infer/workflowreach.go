package infer

import (
	"path"
	"strings"

	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
)

// standing is how a path stands to the workflow files.
type standing int

const (
	// apart is a path that holds none, or of which that is not known.
	apart standing = iota
	// aboveTop is the top of a working tree, aboveWorkflows the folder .github.
	aboveTop
	aboveWorkflows
	// inWorkflows is a workflow file, or the folder of all.
	inWorkflows
)

// reach tells how a word that is a path, or one of several, stands to the
// workflow files, and of which tree.
func (in *inferrer) reach(c *trace.Command, word value.Value) (r standing, t func() *tree) {
	for _, v := range word.Alternatives() {
		if one, of := in.session.reach(folder(c.Dir), v); one > r {
			r, t = one, of
		}
	}
	return r, t
}

func (s *session) reach(dir string, v value.Value) (standing, func() *tree) {
	file := folder(v)
	if file == "." && v.String() == "" {
		return apart, nil
	}
	if rest, ok := strings.CutPrefix(file, "/.github/"); ok {
		file = ".github/" + rest
	}
	if below, ok := strings.CutPrefix(file, "?./.github/"); ok {
		file = "?.github/" + below
	}
	if strings.HasPrefix(file, "?.github/") && workflowFolder(file[1:]) == inWorkflows {
		return s.reach(dir, value.Text(workflowsFolder+"/"))
	}
	if strings.HasPrefix(file, "?") {
		top, rest, ok := strings.Cut(file, "/.github/")
		if !ok || workflowFolder("/.github/"+rest) != inWorkflows && workflowFolder(".github/"+rest) != inWorkflows {
			return apart, nil
		}
		return inWorkflows, func() *tree { return s.tree(top) }
	}
	if strings.HasPrefix(dir, "?") && !path.IsAbs(file) {
		return workflowFolder(file), func() *tree { return s.tree(dir) }
	}
	full := path.Clean(joinFolder(dir, file))
	for d := full; ; d = path.Dir(d) {
		if t := s.trees[d]; t != nil {
			below := strings.TrimPrefix(strings.TrimPrefix(full, d), "/")
			if d == "." {
				below = full
			}
			return workflowFolder(path.Clean(below)), func() *tree { return t }
		}
		if d == "." || d == "/" {
			break
		}
	}
	if path.IsAbs(full) {
		return apart, nil
	}
	return workflowFolder(full), func() *tree { return s.tree(".") }
}

// workflowFolder tells how a path below the top of a tree, which may have
// stars, stands to the workflow files.
func workflowFolder(file string) standing {
	if file == "." {
		return aboveTop
	}
	first, rest, below := strings.Cut(file, "/")
	second, _, _ := strings.Cut(rest, "/")
	switch {
	case first != ".github":
		return apart
	case !below:
		return aboveWorkflows
	}
	if ok, err := path.Match(second, "workflows"); err == nil && ok && (second == "workflows" || strings.Contains(rest, "/")) {
		return inWorkflows
	}
	return apart
}
