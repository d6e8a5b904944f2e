package decide

import (
	"regexp"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/expression"
	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/audit/workflow"
	"github.com/patrol-actions/patrol/rules"
)

// Patterns for what code looks at of the event that has started its run: a property
// of the payload; those of the pull request that no label or reviewer changes, of
// which its number tells which one to ask GitHub about; and the payload as a whole.
var (
	ofPayload    = regexp.MustCompile(`\bgithub\.event\b(?:\.[\w*-]+|\[[^\]]*\])*`)
	steadyOfPull = regexp.MustCompile(`^github\.event\.(?:(?:pull_request\.)?number|pull_request\.(?:html_url|url|node_id|(?:head|base|user)\.[\w.]+))$`)
	numberOfPull = regexp.MustCompile(`^github\.event\.(?:pull_request\.)?number$`)
	wholePayload = regexp.MustCompile(`(?i)github_event_path|github\.event_path|tojson\(\s*github\b|\bpayload\b|event\.json`)
)

// asksAnew tells whether the runs of a workflow for a pull request do the same
// whatever became of it: they take no more than its number from the event, and ask
// GitHub for the rest. All of their code must be seen.
func (d *decider) asksAnew(w *workflow.Workflow) bool {
	anew, known := d.anew[w]
	if !known {
		if d.anew == nil {
			d.anew = map[*workflow.Workflow]bool{}
		}
		anew = d.readsAnew(w)
		d.anew[w] = anew
	}
	return anew
}

// readsAnew is asksAnew for a workflow that was not looked at before.
func (d *decider) readsAnew(w *workflow.Workflow) bool {
	number := false
	for text := range w.Texts() {
		if wholePayload.MatchString(text.Value) {
			return false
		}
		for _, property := range ofPayload.FindAllString(text.Value, -1) {
			if !steadyOfPull.MatchString(property) {
				return false
			}
			number = number || numberOfPull.MatchString(property)
		}
	}
	return number && !slices.ContainsFunc(w.Jobs, func(j *workflow.Job) bool {
		return j.Call != nil || slices.ContainsFunc(j.Steps, d.maySeeEvent)
	})
}

// maySeeEvent tells whether a step may look at the event in a way that is not seen: an
// action that does not just set things up, or a program of the project.
func (d *decider) maySeeEvent(s *workflow.Step) bool {
	if !s.Uses.IsZero() {
		name, _, _ := strings.Cut(strings.ToLower(s.Uses.Value), "@")
		return name != "actions/checkout" && !rules.IsQuietAction(name)
	}
	masked, table := expression.Mask(s.Run, circumstances{})
	result := shell.Interpret(shell.Input{Source: masked, Table: table})
	return len(result.Problems) > 0 || slices.ContainsFunc(result.Commands, func(c shell.Command) bool {
		words, _ := value.MaskWords(c.Args)
		return !d.onlyNode(words) && !leavesEvent(words)
	})
}

// leavesEvent tells whether a command is a program that is known, and runs none of the
// project's.
func leavesEvent(words []string) bool {
	if len(words) == 0 {
		return true
	}
	_, known := rules.Program(words)
	_, task := rules.ProjectTask(words)
	return !task && (known || slices.Contains(clients, words[0]) || rules.StaysIdle.Has(words[0]))
}

// ownModule matches where JavaScript loads code of its own project.
var ownModule = regexp.MustCompile("(?:\\brequire\\(|\\bfrom|\\bimport\\(?)\\s*[\"'`]\\.")

// onlyNode tells whether a command runs one script of the repository in JavaScript
// that does not look at the event.
func (d *decider) onlyNode(words []string) bool {
	if len(words) < 2 || words[0] != "node" {
		return false
	}
	source, err := d.repository.Read(strings.TrimPrefix(words[1], "./"))
	return err == nil && !wholePayload.Match(source) && !ownModule.Match(source)
}
