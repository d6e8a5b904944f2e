package infer

import (
	"fmt"
	"path"
	"regexp"
	"slices"

	"github.com/patrol-actions/patrol/audit/settings"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// The parts of a line of a script that writes a variable to a file of
// settings: echo "NAME=…" >> .env.
var (
	settingHead = regexp.MustCompile(`(?:^|\n)[ \t]*(?:echo|printf)[ \t]+["']?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*["']?$`)
	settingTail = regexp.MustCompile(`^["']{0,2}[ \t]*>>?[ \t]*["']?([\w./-]*\.env[\w.-]*)["']?[ \t]*(?:\n|$)`)
)

// setting is a variable that a script writes to a file of settings.
type setting struct{ name, file string }

// settingsOf returns the settings that a script for another machine writes a
// credential to: nil where it does anything else with it.
func settingsOf(script value.Value, c *value.Credential) (found []setting) {
	for i, p := range script {
		if !slices.ContainsFunc(value.Value{p}.Credentials(), func(o *value.Credential) bool { return o.Kind == c.Kind && o.Name == c.Name }) {
			continue
		}
		if p.Credential == nil || i == 0 || i+1 >= len(script) {
			return nil
		}
		head, tail := settingHead.FindStringSubmatch(script[i-1].Text), settingTail.FindStringSubmatch(script[i+1].Text)
		if head == nil || tail == nil {
			return nil
		}
		found = append(found, setting{head[1], path.Base(tail[1])})
	}
	return found
}

// ownSettings tells that the settings which a credential is written to, and it
// itself, are not called after GitHub: they are those of the program that is run
// there.
func (in *inferrer) ownSettings(c *value.Credential, kept []setting) bool {
	return len(kept) > 0 && in.options.secretKind(c.Name) != rules.NameGitHub && !slices.ContainsFunc(kept, func(s setting) bool {
		kind, _ := rules.SecretKind(s.name)
		return kind == rules.NameGitHub
	})
}

// keeps notes that a script for another machine only writes a credential to a
// file of settings there, where it stays when the job is over: for a service,
// which runs on, or for what nobody sees here.
func (in *inferrer) keeps(use *Use, op Operation, kept []setting) {
	for _, s := range kept {
		if service := in.composed(s); service != "" {
			op.Answer, op.Reasons, op.Confidence = rules.AnswerNo, []string{"token-lifetime"}, "medium"
			op.Note = fmt.Sprintf("%s in %s on another machine is for %s, which uses it after the job, when GITHUB_TOKEN is dead", s.name, s.file, service)
			use.Operations = append(use.Operations, op)
			return
		}
	}
	use.Unknowns = append(use.Unknowns, Unknown{
		Code: "unread", Detail: fmt.Sprintf("%s writes it to %s on another machine, where it stays after the job, when GITHUB_TOKEN is dead", use.What, kept[0].file), Place: op.Place,
		Settle: "read what uses it there, and when",
	})
}

// maxComposed bounds how many files of Docker Compose are read.
const maxComposed = 20

// composed names a service of Docker Compose that is given a setting; "" for none.
// One that ends by itself is taken to run on.
func (in *inferrer) composed(s setting) string {
	if in.options.All == nil || in.options.Read == nil {
		return ""
	}
	read := 0
	for _, file := range in.options.All() {
		if !settings.IsCompose(file) || read == maxComposed {
			continue
		}
		read++
		source, err := in.options.Read(file)
		if err != nil {
			continue
		}
		if name := settings.ComposeService(source, s.name, s.file); name != "" {
			return fmt.Sprintf("the service %s of %s", name, file)
		}
	}
	return ""
}
