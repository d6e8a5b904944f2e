package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit"
)

// jobBlock is what one job needs when all is replaced that can be.
type jobBlock struct {
	title       string
	permissions map[string]string
	unknown     []string
}

// permissions writes a block for each job. References in one job may each ask
// for something, and the block holds what they ask for together.
func (m *markdown) permissions() []string {
	var blocks []*jobBlock
	m.each(func(repository *audit.Repository, r *audit.Reference) {
		if r.Remedy.JobPermissions == nil {
			return
		}
		for _, job := range jobs(r) {
			title := MarkdownCode(job) + " in " + m.where(repository, r.File, 0)
			i := slices.IndexFunc(blocks, func(b *jobBlock) bool { return b.title == title })
			if i < 0 {
				blocks = append(blocks, &jobBlock{title: title, permissions: map[string]string{}})
				i = len(blocks) - 1
			}
			blocks[i].add(r.Remedy)
		}
	})
	var all []string
	for _, b := range blocks {
		text := b.title + "\n\n" + markdownFence("yaml", permissionsBlock(b.permissions)) + "\n"
		if len(b.unknown) > 0 {
			text += MarkdownText(advice{unknownSteps: b.unknown}.unknownNote()) + "\n\n"
		}
		all = append(all, text)
	}
	return all
}

// add joins a remedy to a block; write wins over read.
func (b *jobBlock) add(r audit.Remedy) {
	for name, access := range r.JobPermissions {
		if b.permissions[name] != "write" {
			b.permissions[name] = access
		}
	}
	for _, step := range r.UnknownSteps {
		if !slices.Contains(b.unknown, step) {
			b.unknown = append(b.unknown, step)
		}
	}
}

// recipes writes each token to make once, with the places that need it.
func (m *markdown) recipes() []string {
	var order []string
	places := map[string][]string{}
	m.each(func(repository *audit.Repository, r *audit.Reference) {
		recipe := r.Remedy.FineGrained
		if recipe == nil {
			return
		}
		text := markdownRecipe(recipe)
		if places[text] == nil {
			order = append(order, text)
		}
		places[text] = append(places[text], MarkdownCode(r.Secret)+" in "+m.where(repository, r.File, r.Line))
	})
	var all []string
	for _, text := range order {
		all = append(all, "For "+strings.Join(places[text], ", ")+":\n\n"+text+"\n")
	}
	return all
}

// markdownRecipe writes a recipe as a list.
func markdownRecipe(r *audit.Recipe) string {
	var b strings.Builder
	for _, f := range recipeFields(r) {
		fmt.Fprintf(&b, "- %s: %s\n", f.name, MarkdownCode(f.value))
	}
	if r.Justification != "" {
		fmt.Fprintf(&b, "- justification: %s\n", MarkdownText(r.Justification))
	}
	if r.URL != "" {
		fmt.Fprintf(&b, "- %s (check every field: the page may ignore some)\n", markdownLink("make this token", r.URL))
	}
	return b.String()
}
