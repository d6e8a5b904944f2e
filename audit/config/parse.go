package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"github.com/patrol-actions/patrol/audit"
)

// maxProblems is the number of faults that are listed.
const maxProblems = 50

// Parse reads a configuration; name is how messages call it. What is wrong
// with it is an [*Error].
func Parse(name string, source []byte) (*Config, error) {
	p := &parser{file: name, config: &Config{}}
	if root := p.document(source); root != nil {
		p.root(root)
	}
	if len(p.problems) == 0 {
		return p.config, nil
	}
	slices.SortStableFunc(p.problems, func(a, b audit.Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	if more := len(p.problems) - maxProblems; more > 0 {
		p.problems = append(p.problems[:maxProblems], audit.Problem{File: name, Message: fmt.Sprintf("%d more faults are not listed", more)})
	}
	return nil, &Error{p.problems}
}

// parser gathers what a configuration says, and what is wrong with it.
type parser struct {
	file     string
	config   *Config
	problems []audit.Problem
}

// fault notes what is wrong at a node.
func (p *parser) fault(n *yaml.Node, format string, args ...any) {
	p.problems = append(p.problems, audit.Problem{File: p.file, Line: n.Line, Column: n.Column, Message: inert(fmt.Sprintf(format, args...))})
}

// inert replaces what a terminal would not show as it is.
func inert(text string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// document returns the root of the only document; nil where there is none.
func (p *parser) document(source []byte) (root *yaml.Node) {
	defer func() {
		if x := recover(); x != nil { // none is known, but the YAML parser has panics
			p.fault(&yaml.Node{}, "could not parse as YAML: %v", x)
			root = nil
		}
	}()
	switch {
	case len(source) > maxSize:
		p.fault(&yaml.Node{}, "it is larger than %d KiB, the most that is read", maxSize>>10)
		return nil
	case !utf8.Valid(source):
		line := 1 + bytes.Count(validPart(source), []byte("\n"))
		p.fault(&yaml.Node{Line: line, Column: 1}, "this line is not valid UTF-8")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		if !errors.Is(err, io.EOF) {
			p.syntax(err)
		}
		return nil
	}
	if err := decoder.Decode(&second); err == nil {
		p.fault(&second, "a second YAML document begins here: the configuration is one")
	} else if !errors.Is(err, io.EOF) {
		p.syntax(err)
	}
	if len(first.Content) == 0 || isNull(first.Content[0]) {
		return nil
	}
	return first.Content[0]
}

func validPart(source []byte) []byte {
	rest := source
	for len(rest) > 0 {
		r, size := utf8.DecodeRune(rest)
		if r == utf8.RuneError && size == 1 {
			break
		}
		rest = rest[size:]
	}
	return source[:len(source)-len(rest)]
}

// syntax notes what the YAML parser says.
func (p *parser) syntax(err error) {
	at, message := &yaml.Node{Line: 1, Column: 1}, strings.TrimPrefix(err.Error(), "yaml: ")
	var syntax *yaml.ParserError
	if errors.As(err, &syntax) {
		message = syntax.Message
		at.Line, at.Column = max(syntax.Line, 1), max(syntax.Column, 1)
	}
	p.fault(at, "could not parse as YAML: %s", message)
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// kindName is what people call a node.
func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias, which is not read here"
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!str":
		return "text"
	case "!!bool":
		return "true or false"
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	}
	return "of the type " + n.ShortTag()
}

// mapping yields the keys and values of a mapping. Keys are texts, each
// comes once, whatever its case where fold is true.
func (p *parser) mapping(n *yaml.Node, what string, fold bool) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n.Kind != yaml.MappingNode || n.ShortTag() != "!!map" {
			p.fault(n, "%s must be a mapping, and this is %s", what, kindName(n))
			return
		}
		seen := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			id := key.Value
			if fold {
				id = strings.ToUpper(id)
			}
			switch {
			case key.Kind != yaml.ScalarNode:
				p.fault(key, "a key of %s must be text, and this is %s", what, kindName(key))
			case key.ShortTag() == "!!merge":
				p.fault(key, "merge keys (<<) are not read here: write the entries out")
			case seen[id] > 0:
				p.fault(key, "%q stands in %s twice: first on line %d", key.Value, what, seen[id])
			default:
				seen[id] = key.Line
				if !yield(key, value) {
					return
				}
			}
		}
	}
}

// fields are the keys that a mapping may have, with what reads their values.
type fields map[string]func(key, value *yaml.Node)

// object reads a mapping of known keys.
func (p *parser) object(n *yaml.Node, what string, known fields) {
	for key, value := range p.mapping(n, what, false) {
		read, ok := known[key.Value]
		if !ok {
			p.fault(key, "unknown key %q in %s%s", key.Value, what, allowed(key.Value, keysOf(known)))
			continue
		}
		read(key, value)
	}
}

// text returns a value that must be text.
func (p *parser) text(n *yaml.Node, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		quote := ""
		if n.Kind == yaml.ScalarNode && !isNull(n) {
			quote = ": write it in quotes"
		}
		p.fault(n, "%s must be text, and this is %s%s", what, kindName(n), quote)
		return "", false
	}
	return n.Value, true
}

// oneOf returns a value that must be one of several words.
func (p *parser) oneOf(n *yaml.Node, what string, words []string) (string, bool) {
	text, ok := p.text(n, what)
	if ok && !slices.Contains(words, text) {
		p.fault(n, "%s cannot be %q%s", what, text, allowed(text, words))
		return "", false
	}
	return text, ok
}

// isTrue wants a value to be true: what is not so is left out.
func (p *parser) isTrue(n *yaml.Node, what string) bool {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!bool" && strings.EqualFold(n.Value, "true") {
		return true
	}
	p.fault(n, "%s can only be true: leave it out otherwise", what)
	return false
}

// list returns the elements of a list.
func (p *parser) list(n *yaml.Node, what string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode || n.ShortTag() != "!!seq" {
		p.fault(n, "%s must be a list, and this is %s", what, kindName(n))
		return nil
	}
	return n.Content
}
