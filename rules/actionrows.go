package rules

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// parseAction reads the rows of one action.
func parseAction(rows []row) (*ActionInfo, error) {
	info := &ActionInfo{Name: rows[0].cells[0]}
	var errs []error
	for len(rows) > 0 {
		end := 1
		for end < len(rows) && rows[end].cell("token") == rows[0].cell("token") {
			end++
		}
		if err := info.add(rows[:end]); err != nil {
			errs = append(errs, fmt.Errorf("actions:%d: %w", rows[0].line, err))
		}
		rows = rows[end:]
	}
	return info, errors.Join(errs...)
}

// add reads the rows of one token, or the one row of something else.
func (a *ActionInfo) add(rows []row) error {
	base := rows[0]
	kind, name, special := strings.Cut(base.cell("token"), ":")
	if !special {
		kind = "" // an input may be called payload
	}
	switch kind {
	case "output":
		a.Mints, a.MintsFor = name, base.target()
		return nil
	case "by-author":
		a.ByAuthor = strings.Split(strings.ToLower(name), "+")
		return nil
	case "by-actor":
		a.ByActor = strings.Split(strings.ToLower(name), "+")
		return nil
	case "payload":
		a.Payload = strings.Split(strings.ToLower(name), "+")
		return nil
	case "names":
		a.Names = strings.Split(strings.ToLower(name), "+")
		return nil
	case "code":
		a.Code = append(a.Code, ActionCode{Input: name, Language: base.cell("answer")})
		return nil
	}
	t, err := parseActionToken(rows)
	if err != nil {
		return err
	}
	switch {
	case base.cell("token") == "":
		a.Job = &t
		return nil
	case base.cell("token") == "checkout":
		t.Checkout = true
	case kind == "env":
		t.Env = name
	default:
		t.Input = base.cell("token")
	}
	a.Tokens = append(a.Tokens, t)
	return nil
}

func parseActionToken(rows []row) (ActionToken, error) {
	base := rows[0]
	t := ActionToken{Default: base.cell("default")}
	if t.Default == "none" {
		t.Default = ""
	}
	if base.cell("mode") != "" || base.cell("when") != "" {
		return t, fmt.Errorf("%s %s: the first row has a condition", base.cell("action"), base.cell("token"))
	}
	first, err := parseActionRow(base)
	if err != nil {
		return t, err
	}
	t.Base, t.Keys, t.Versions = first.Effect, first.Keys, first.Versions
	for _, r := range rows[1:] {
		if r.cell("mode") == "?" {
			may, err := parseActionMay(r)
			if err != nil {
				return t, err
			}
			t.May = append(t.May, may)
			continue
		}
		changed, err := parseActionRow(r)
		if err != nil {
			return t, err
		}
		if len(changed.When) == 0 {
			return t, fmt.Errorf("line %d: a second row takes a condition", r.line)
		}
		t.Rows = append(t.Rows, changed)
	}
	return t, nil
}

func parseActionRow(r row) (ActionRow, error) {
	var out ActionRow
	var errs [5]error
	out.When, errs[0] = r.condition("when")
	out.Versions, errs[4] = ParseVersions(r.cell("versions"))
	out.Effect.Needs, errs[1] = r.needs("needs")
	out.Effect.Events, errs[2] = r.events("events")
	out.Keys, errs[3] = parseKeys(r.cell("extra"))
	out.Replaces = r.cell("mode") == "="
	out.Effect.Answer = Answer(r.cell("answer"))
	out.Effect.Reasons = r.list("reasons")
	out.Effect.Operations = r.list("operations")
	out.Effect.Target = r.target()
	out.Effect.Note = r.cell("note")
	out.Effect.Source = r.cell("source")
	out.Effect.Confidence = r.cell("confidence")
	return out, errors.Join(errs[:]...)
}

// target returns the target, "" for the workflow's own repository.
func (r row) target() string {
	if target := r.cell("target"); target != "self" {
		return target
	}
	return ""
}

// parseKeys reads workflow permissions: "contents:read,id-token:write".
func parseKeys(text string) (map[string]string, error) {
	if text == "" {
		return nil, nil
	}
	keys := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		key, access, _ := strings.Cut(part, ":")
		if key == "" || accessOrder[access] == 0 {
			return nil, fmt.Errorf("workflow permission %q: want key:read or key:write", part)
		}
		keys[key] = access
	}
	return keys, nil
}

// orRather returns e with a row that may stand in its place: with all of it where it
// takes what e does not, or with its events where a value that is given and not known
// decides. What hangs on a version or a file that is not known causes nothing for sure.
func (e Effect) orRather(r ActionRow, get getter) Effect {
	if !e.Needs.Covers(r.Effect.Needs) {
		return e.plus(r, Maybe)
	}
	given := !slices.ContainsFunc(r.When, func(t Term) bool { return strings.HasPrefix(t.Name, "@") && get.term(t) == Maybe })
	if given && get.within(r.Versions) == Yes && slices.Equal(r.Effect.Reasons, e.Reasons) {
		e.Events = slices.Concat(e.Events, r.Effect.Events)
	}
	return e
}
