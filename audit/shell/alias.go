package shell

import (
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// shorthand is what an alias of the shell stands for; maybe says that only a branch
// sets it.
type shorthand struct {
	text  value.Value
	maybe bool
}

// plainShell matches the first lines of scripts for a shell that always expands
// aliases: bash does so for people alone, unless it is told to.
var plainShell = []string{"#!/bin/sh", "#!/bin/dash", "#!/usr/bin/env sh", "#!/usr/bin/env dash"}

// alias sets aliases where the shell expands them. Those of a step or a script that
// `sh` runs without saying so in its first line are not seen.
func alias(i *interp, c *call) {
	for _, line := range plainShell {
		i.expands = i.expands || strings.HasPrefix(i.text.source, line)
	}
	if !i.expands {
		return
	}
	i.opens() // One may stand for what sets variables.
	for _, word := range operands(c.args) {
		masked := word.Mask()
		if name, text, ok := strings.Cut(masked.Text, "="); ok && len(i.shorthands) < maxWords {
			if i.shorthands == nil {
				i.shorthands = map[string]shorthand{}
			}
			i.shorthands[name] = shorthand{masked.Table.Value(text), i.guard > 0}
		}
	}
}

// unalias forgets aliases.
func unalias(i *interp, c *call) {
	for _, word := range operands(c.args) {
		if i.guard == 0 {
			delete(i.shorthands, word.LiteralOr(""))
		}
	}
}

// expand runs what an alias stands for in place of a call. What it calls by its own
// name is a program; an alias of more than plain words calls what is not known.
func (i *interp) expand(s shorthand, c *call) {
	masked := s.text.Mask()
	d := c.with(nil)
	d.program = true
	if strings.ContainsAny(masked.Text, "\"'`$;|&<>()\\") {
		d.args = append([]value.Value{value.Unknown("alias " + masked.Text)}, c.args[1:]...)
	} else {
		for _, word := range strings.Fields(masked.Text) {
			d.args = append(d.args, masked.Table.Value(word))
		}
		d.args = append(d.args, c.args[1:]...)
	}
	if !s.maybe {
		i.invoke(d)
		return
	}
	other := *c
	other.program = true
	i.guarded(func() { i.alternatives(false, func() { i.invoke(d) }, func() { i.invoke(&other) }) })
}
