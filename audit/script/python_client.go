package script

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// chain reads an object of a client and what is done with it, from the first
// token on: "Github(TOKEN).get_repo(NAME).create_issue(…)". It returns how
// many tokens that takes, and what it gives: an object, or plain data. ok is
// false where there is no such object.
func (p *python) chain(tokens []pyToken) (v pyValue, length int, ok bool) {
	if p.steps += 1 + len(tokens)/64; p.steps > maxPythonSteps {
		return pyValue{}, 0, false
	}
	if len(tokens) > 0 && tokens[0].kind == '[' {
		return p.comprehended(tokens)
	}
	if len(tokens) == 0 || tokens[0].kind != 'n' {
		return pyValue{}, 0, false
	}
	v, length = p.primary(tokens)
	if length == 0 {
		return pyValue{}, 0, false
	}
	if v.object == nil {
		if length < len(tokens) && (tokens[length].kind == '.' || tokens[length].kind == '[') && v.holds() {
			return pyValue{}, 0, false
		}
		return v, length, true
	}
	o := v.object
	for length < len(tokens) && o != nil {
		rest := tokens[length:]
		switch {
		case o.sites != nil:
			if n := p.session(o, rest); n > 0 {
				return pyValue{text: value.Unknown("response")}, length + n, true
			}
			return pyValue{object: o}, length, true
		case rest[0].kind == '[':
			end := pyClose(rest)
			if end < 0 {
				return pyValue{}, 0, false
			}
			element := *o
			element.list = false
			o, length = &element, length+end+1
		case rest[0].kind == '.' && len(rest) > 1 && rest[1].kind == 'n':
			next, n, ok := p.member(o, rest)
			if !ok {
				return pyValue{}, 0, false
			}
			if next == nil && rest[1].text == "path" && len(o.path) > 0 {
				return pyValue{text: o.path}, length + n, true
			}
			o, length = next, length+n
		default:
			return pyValue{object: o}, length, true
		}
	}
	if o == nil {
		// Plain data: what is done with it does not matter.
		return pyValue{text: value.Unknown(tokens[0].text)}, length, true
	}
	return pyValue{object: o}, length, true
}

// primary reads what a chain begins with: a name, or what makes an object, or
// a call of a function of the script, which may give plain data. The length is
// 0 for anything else.
func (p *python) primary(tokens []pyToken) (v pyValue, length int) {
	if p.bound(tokens[0]) {
		if !p.suspects[p.home(tokens[0])] {
			return pyValue{}, 0
		}
		if v = p.resolve(tokens[0]); v.object == nil {
			return pyValue{}, 0
		}
		return v, 1
	}
	open := 1
	for open+1 < len(tokens) && tokens[open].kind == '.' && tokens[open+1].kind == 'n' {
		open += 2
	}
	if open >= len(tokens) || tokens[open].kind != '(' {
		return pyValue{}, 0
	}
	end := pyClose(tokens[open:])
	if end < 0 {
		return pyValue{}, 0
	}
	arguments := tokens[open+1 : open+end]
	length = open + end + 1
	full := strings.TrimPrefix(strings.TrimPrefix(pyName(tokens[:open]), "github3."), "github.")
	if full == "Token" && importsToken.MatchString(p.in.Source) {
		full = "Auth.Token"
	}
	switch {
	case p.functions[full] != nil:
		if !p.handed(p.functions[full], arguments) || p.partsHold(full) {
			return pyValue{}, 0
		}
		if len(p.functions[full].returns) == 0 {
			return pyValue{text: value.Unknown(full)}, length
		}
		return p.resolveKey(pyReturned(full, -1), full), length
	case slices.Contains(pyListers, full):
		if v, ok := p.relisted(arguments); ok {
			return v, length
		}
	case slices.Contains(pySessions, full):
		return pyValue{object: p.opened(arguments, tokens[0].offset)}, length
	case full == "Github" || full == "Auth.Token" || full == "GhApi", (full == "GitHub" || full == "login") && strings.Contains(p.in.Source, "github3"):
		if v.object = p.client(full, arguments); v.object == nil {
			return pyValue{}, 0
		}
		return v, length
	}
	return pyValue{}, 0
}

// importsToken matches the import of PyGithub's class for a token by its own name.
var importsToken = regexp.MustCompile(`(?m)^\s*from\s+github\.Auth\s+import\s.*\bToken\b`)

// partsHold tells whether one of several things that a function gives back is
// a credential or an object.
func (p *python) partsHold(name string) bool {
	for i := range p.functions[name].width() {
		if key := pyReturned(name, i); p.suspects[key] && p.resolveKey(key, name).holds() {
			return true
		}
	}
	return false
}

// handed tells whether all that a call gives a function is followed into it.
func (p *python) handed(f *pyFunction, arguments []pyToken) bool {
	further := true
	told := p.arguments(f, arguments, func(name string, tokens []pyToken) {
		if name == f.more && len(tokens) > 2 {
			v, ok := p.expression(tokens)
			further = ok && (v.lists != nil || !v.holds())
		}
	})
	return told && further && p.understood(arguments)
}

// understood tells whether every operand of a call is.
func (p *python) understood(arguments []pyToken) bool {
	list, named := pyArguments(arguments)
	list = p.spread(list)
	for _, part := range named {
		list = append(list, part)
	}
	return !slices.ContainsFunc(list, func(part []pyToken) bool {
		_, ok := p.expression(part)
		return !ok
	})
}

// bound tells whether a name is given something in the script.
func (p *python) bound(t pyToken) bool { return p.boundKey(p.home(t)) }

func (p *python) boundKey(key string) bool { return len(p.bindings[key])+len(p.loops[key]) > 0 }

// client makes the object of a constructor; nil where it is not understood.
func (p *python) client(class string, arguments []pyToken) *pyObject {
	list, named := pyArguments(arguments)
	o := &pyObject{client: "pygithub", classes: []string{class}}
	names := []string{"login_or_token", "password"}
	switch class {
	case "GhApi":
		names = []string{"owner", "repo", "token"}
	case "GitHub", "login":
		o.client, o.classes, names = "github3", []string{"GitHub"}, []string{"username", "password", "token"}
	}
	if len(list) > len(names) {
		return nil
	}
	for i, part := range list {
		named[names[i]] = part
	}
	var owner, repo value.Value
	for name, tokens := range named {
		v, ok := p.expression(tokens)
		switch {
		case !ok || v.members != nil || v.lists != nil, name == "base_url" && !isGitHubAPI(v.text):
			return nil
		case name == "auth" && v.object != nil:
			o.token = v.object.token
		case name == "owner":
			owner = v.text
		case name == "repo":
			repo = v.text
		case v.holds():
			o.token = value.Concat(o.token, v.text)
		}
	}
	if len(owner) > 0 && len(repo) > 0 {
		o.repository = value.Concat(owner, value.Text("/"), repo)
	}
	if _, given := named["token"]; class == "GhApi" && !given {
		o.token, _ = p.in.Env.Lookup("GITHUB_TOKEN")
	}
	return o
}

// isGitHubAPI tells whether an address is that of GitHub's API, or of the
// server that runs the workflow.
func isGitHubAPI(address value.Value) bool {
	return address.LiteralOr("") == "https://api.github.com" || address.IsContext("github.api_url")
}

// member reads an attribute or the call of a method. The object that comes of
// it is nil for plain data.
func (p *python) member(o *pyObject, tokens []pyToken) (next *pyObject, length int, ok bool) {
	name := tokens[1].text
	if len(tokens) > 2 && tokens[2].kind == '(' {
		end := pyClose(tokens[2:])
		if end < 0 {
			return nil, 0, false
		}
		next, ok = p.method(o, name, tokens[3:2+end], tokens[1].offset)
		return next, 3 + end, ok
	}
	if o.classes[0] == "GhApi" {
		group := *o
		group.classes = []string{"GhApi." + name}
		return &group, 2, true
	}
	if strings.HasPrefix(name, "_") || name == "requester" {
		return nil, 0, false
	}
	for _, class := range o.classes {
		m, known := rules.FindClientMethod(o.client, class, name, true)
		switch {
		case !known || m.Returns == nil:
		case len(m.Operations) > 0:
			// A method that is not called here may be called elsewhere.
			return nil, 0, false
		default:
			next = next.joined(o.gives(m, name, nil))
		}
	}
	if o.list && name == "reversed" {
		next = o
	}
	return next, 2, true
}

// method reads the call of a method of an object.
func (p *python) method(o *pyObject, name string, tokens []pyToken, offset int) (next *pyObject, ok bool) {
	list, named := pyArguments(tokens)
	texts := map[string]value.Value{}
	values := make([]value.Value, len(list))
	spread := false
	for i, part := range list {
		v, ok := p.expression(part)
		if !ok || (v.members != nil || v.lists != nil) && v.holds() {
			return nil, false
		}
		values[i] = v.operand(part)
		spread = spread || part[0].kind == '*'
	}
	for key, part := range named {
		v, ok := p.expression(part)
		if !ok || v.members != nil && v.holds() {
			return nil, false
		}
		texts[key] = v.operand(part)
	}
	if group, ok := strings.CutPrefix(o.classes[0], "GhApi."); ok {
		return nil, p.ghapi(o, group, name, texts, values, spread, offset)
	}
	if o.list && name == "get_page" {
		return o, true
	}
	found := false
	for _, class := range o.classes {
		m, known := rules.FindClientMethod(o.client, class, name, len(list)+len(named) == 0)
		if !known {
			continue
		}
		found = true
		if len(m.Returns) > 0 {
			operands := append(slices.Clip(values), texts["full_name_or_id"], texts["name"], texts["login"])
			if repository := o.named(values, texts); len(repository) > 0 {
				operands = []value.Value{repository}
			}
			given := o.gives(m, name, operands)
			if strings.HasPrefix(name, "get_") {
				path := texts["path"]
				if len(values) > 0 {
					path = values[0]
				}
				given.at(path)
			}
			next = next.joined(given)
		}
		of := o
		if (name == "get_repo" || class == "GitHub") && next != nil {
			of = next
		}
		p.ask(of, class+"."+name, m, values, texts, spread, offset)
	}
	if !found {
		p.unreadOnce(offset, "calls "+name+" of "+strings.Join(o.classes, " or ")+", which is not known")
		return nil, true
	}
	return next, true
}

// operand is what an operand says: the text of a list are its elements, of
// which one after the other is given. Nothing is known of other things.
func (v pyValue) operand(tokens []pyToken) value.Value {
	if v.plain() {
		return v.text
	}
	var texts []value.Value
	for _, list := range v.lists {
		texts = append(texts, value.List(list...))
	}
	if len(v.text) > 0 {
		texts = append(texts, v.text)
	}
	if v.members != nil || v.object != nil || v.environ != nil {
		texts = append(texts, value.Unknown(tokens[0].text))
	}
	return value.Choice(texts...)
}

// ask notes the requests that a method makes. Spread says that some of its
// operands are those of a list or a mapping, which is not seen.
func (p *python) ask(o *pyObject, name string, m rules.ClientMethod, values []value.Value, texts map[string]value.Value, spread bool, offset int) {
	arguments := map[string]value.Value{}
	for key, v := range texts {
		arguments[key] = v
	}
	if last := len(m.Parameters) - 1; last >= 0 && len(values) > last {
		if _, all := strings.CutPrefix(m.Parameters[last], "*"); all {
			values = append(slices.Clone(values[:last]), value.List(values[last:]...))
		}
	}
	for i, v := range values {
		if i < len(m.Parameters) && len(values) <= len(m.Parameters) && len(v) > 0 {
			arguments[strings.TrimPrefix(m.Parameters[i], "*")] = v
		}
	}
	call := Call{Name: name, Open: true}
	for _, parameter := range m.Parameters {
		parameter = strings.TrimPrefix(parameter, "*")
		if _, given := arguments[parameter]; !given && !spread && len(values) <= len(m.Parameters) {
			call.Without = append(call.Without, parameter)
		}
	}
	call.Arguments = arguments
	p.operations(o, call, m.Operations, offset)
}

// operations notes a call for each operation of a method.
func (p *python) operations(o *pyObject, call Call, ids []string, offset int) {
	if !o.token.HoldsCredential() {
		return
	}
	for _, id := range ids {
		place := id + " " + call.Name
		if slices.Contains(p.asked[offset], place) {
			continue
		}
		p.asked[offset] = append(p.asked[offset], place)
		given := map[string]value.Value{"owner": value.Unknown("owner"), "repo": value.Unknown("repo"), "org": value.Unknown("org")}
		maps.Copy(given, call.Arguments)
		if len(o.repository) > 0 {
			given["repo"] = o.repository
		}
		if len(o.organization) > 0 {
			given["org"] = o.organization
		}
		one := call
		one.Kind, one.Method, one.Arguments, one.Token, one.Start, one.End, one.File = REST, id, given, o.token, offset, offset, p.in.Path
		p.result.Calls = append(p.result.Calls, one)
	}
}

// ghapi reads a call of ghapi, whose groups and methods are the operations'
// ids: api.issues.create_comment is issues/create-comment.
func (p *python) ghapi(o *pyObject, group, name string, texts map[string]value.Value, values []value.Value, spread bool, offset int) bool {
	id := strings.ReplaceAll(group+"/"+name, "_", "-")
	if _, known := rules.OperationByID(id); !known {
		p.unreadOnce(offset, "calls "+group+"."+name+" of ghapi, which is not known")
		return true
	}
	client := *o
	owner, repo := texts["owner"], texts["repo"]
	if len(client.repository) == 0 && len(values) > 1 && len(owner)+len(repo) == 0 {
		owner, repo = values[0], values[1]
	}
	if len(owner) > 0 && len(repo) > 0 {
		client.repository = value.Concat(owner, value.Text("/"), repo)
	}
	delete(texts, "owner")
	delete(texts, "repo")
	p.operations(&client, Call{Name: "ghapi " + group + "." + name, Arguments: texts, Open: spread || len(values) > 0}, []string{id}, offset)
	return true
}

// unreadOnce notes what was not understood, each place once.
func (p *python) unreadOnce(offset int, message string) {
	if !slices.ContainsFunc(p.result.Unread, func(u Problem) bool { return u.Offset == offset && u.Message == message }) {
		p.unread(offset, message)
	}
}
