package script

import (
	"cmp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// pyObject is an object of a client of the REST API: PyGithub's and
// github3.py's classes by their names, or a ghapi client and its groups ("GhApi.issues").
type pyObject struct {
	// client is the name of its client in table/clients.tsv.
	client string
	// classes are those that it may be of.
	classes []string
	// list says that it is a list of such objects.
	list  bool
	token value.Value
	// sites are what it may be as a session of HTTP; nil for others.
	sites []*pySession
	// repository and organization are those that it belongs to; empty where
	// that is not known.
	repository, organization value.Value
	// path is that of a file in the repository; empty where that is not known.
	path value.Value
}

// joined is either of two objects.
func (o *pyObject) joined(other *pyObject) *pyObject {
	if o == nil || other == nil {
		return cmp.Or(o, other)
	}
	out := *o
	for _, class := range other.classes {
		if !slices.Contains(out.classes, class) {
			out.classes = append(slices.Clip(out.classes), class)
		}
	}
	out.list = o.list || other.list
	for _, session := range other.sites {
		if !slices.Contains(out.sites, session) {
			out.sites = append(slices.Clip(out.sites), session)
		}
	}
	out.token = value.Concat(o.token, other.token)
	out.repository = eitherOf(o.repository, other.repository)
	out.organization = eitherOf(o.organization, other.organization)
	out.path = eitherOf(o.path, other.path)
	return &out
}

// eitherOf is one of two values; what is not known stays so.
func eitherOf(a, b value.Value) value.Value {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	return value.Choice(a, b)
}

// gives is the object that a method of an object gives.
func (o *pyObject) gives(m rules.ClientMethod, name string, operands []value.Value) *pyObject {
	out := &pyObject{client: o.client, classes: m.Returns, list: m.List, token: o.token, repository: o.repository, organization: o.organization}
	first := value.Value(nil)
	for _, v := range operands {
		if len(first) == 0 {
			first = v
		}
	}
	of := o.classes[0]
	switch returns := m.Returns[0]; {
	case returns == "Repository" && of == "Github" && name == "get_repo":
		out.repository = first
	case of == "GitHub" && (len(m.Parameters) > 1 && (m.Parameters[1] == "repository" || m.Parameters[1] == "repo")):
		out.repository = first
	case returns == "Repository" && of == "Organization" && name == "get_repo" && len(o.organization) > 0:
		out.repository = value.Concat(o.organization, value.Text("/"), first)
	case returns == "Repository" && name != "repository" && !(name == "repo" && (of == "PullRequestPart" || of == "PullDestination") && len(o.repository) > 0):
		out.repository = nil
	case returns == "Organization" && strings.EqualFold(of, "github"):
		out.organization = first
	case (returns == "PullRequestPart" || returns == "PullDestination") && name != "base":
		// The head may be in another repository.
		out.repository = nil
	}
	return out
}

// at says that an object is a file that was asked for by a path, or one in the
// folder of that path.
func (o *pyObject) at(path value.Value) {
	if len(path) > 0 && slices.Contains(o.classes, "ContentFile") {
		o.path = value.Choice(path, value.Concat(path, value.Text("/"), value.Unknown("path")))
	}
}

// named is the repository that github3.py is given as an owner and a name.
func (o *pyObject) named(values []value.Value, texts map[string]value.Value) value.Value {
	if o.classes[0] != "GitHub" {
		return nil
	}
	owner, name := texts["owner"], texts["repository"]
	if len(owner) == 0 {
		owner = texts["username"]
	}
	if len(values) > 0 {
		owner = values[0]
	}
	if len(values) > 1 {
		name = values[1]
	}
	if len(owner) == 0 || len(name) == 0 {
		return nil
	}
	return value.Concat(owner, value.Text("/"), name)
}
