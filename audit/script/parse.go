package script

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/grafana/sobek/ast"
	"github.com/grafana/sobek/parser"
)

// program is a parsed file.
type program struct {
	// path is relative to the repository's root.
	path string
	// code is what was parsed: the source, or what it was turned into.
	code string
	body []ast.Statement
	// main tells that this is what Read was asked for.
	main bool
	// place turns a byte of code into a byte of the source, or -1.
	place func(offset int) int
}

// Bodies of github-script and CommonJS modules both are bodies of a function:
// they may return, and the former may await.
const (
	bodyPrefix = "(async function(){"
	bodySuffix = "\n})"
)

// moduleSyntax recognises files that have import or export declarations.
var moduleSyntax = regexp.MustCompile(`(?m)^[\t ]*(?:export\s|export\{|import[\s{*"'])`)

// parse reads a file. JavaScript goes to the parser as it is, or with masks
// of the same width; what that does not take, and TypeScript, is turned into
// plainer JavaScript first.
func parse(path, source string) (*program, error) {
	if !shallow(source) {
		return nil, errors.New("the code is nested too deeply")
	}
	masked := mask(source)
	module := moduleSyntax.MatchString(masked)
	if !isTypeScript(path) {
		p, err := parseAs(path, masked, module)
		if err == nil {
			return p, nil
		}
		if other, otherErr := parseAs(path, masked, !module); otherErr == nil {
			return other, nil
		}
		if plain, plainErr := parsePlain(path, masked, module); plainErr == nil {
			return plain, nil
		}
		return nil, err
	}
	return parsePlain(path, masked, module)
}

// parseAs parses source as a module, or as the body of a function.
func parseAs(path, source string, module bool) (*program, error) {
	p := &program{path: path, code: source, place: func(offset int) int { return offset }}
	if module {
		tree, err := parseSafely(source, parser.IsModule)
		if err != nil {
			return nil, err
		}
		p.body = tree.Body
		return p, nil
	}
	p.code = bodyPrefix + source + bodySuffix
	p.place = func(offset int) int { return offset - len(bodyPrefix) }
	tree, err := parseSafely(p.code)
	if err != nil {
		return nil, err
	}
	p.body, err = functionBody(tree, len(p.code))
	return p, err
}

// functionBody takes the body out of the function that was put around it,
// and makes sure that it is still one function.
func functionBody(tree *ast.Program, size int) ([]ast.Statement, error) {
	if len(tree.Body) == 1 {
		if statement, ok := tree.Body[0].(*ast.ExpressionStatement); ok {
			if function, ok := statement.Expression.(*ast.FunctionLiteral); ok && int(function.Body.RightBrace) == size-1 {
				return function.Body.List, nil
			}
		}
	}
	return nil, errors.New("unexpected }")
}

// syntaxError is what the parser did not like.
type syntaxError struct {
	line, column int
	message      string
}

func (e *syntaxError) Error() string { return e.message }

// parseSafely calls the parser, whose panics on odd input become errors.
func parseSafely(code string, options ...parser.Option) (tree *ast.Program, err error) {
	defer func() {
		if r := recover(); r != nil {
			tree, err = nil, fmt.Errorf("the parser gave up: %v", r)
		}
	}()
	options = append(options, parser.WithDisableSourceMaps)
	tree, err = parser.ParseFile(nil, "", code, parser.IgnoreRegExpErrors, options...)
	var list parser.ErrorList
	if errors.As(err, &list) && len(list) > 0 {
		first := list[0]
		return nil, &syntaxError{line: first.Position.Line, column: first.Position.Column, message: first.Message}
	}
	return tree, err
}

// These are replaced by blanks, so that all else stays where it is. In a
// string they are blanked as well, which has not been seen to matter.
var (
	// forAwait is unknown to the parser; a plain loop does the same here.
	forAwait = regexp.MustCompile(`for\s+await\s*\(`)
	// importAttributes say of what type an imported file is.
	importAttributes = regexp.MustCompile(`(?:\bfrom|\bimport)\s*(?:"[^"\n]*"|'[^'\n]*')\s*(?:with|assert)\s*\{[^{}]*\}`)
	attributesPart   = regexp.MustCompile(`(?:with|assert)\s*\{[^{}]*\}$`)
)

// mask blanks what the parser does not know, and turns the first line's #!
// into a comment, keeping the width of everything.
func mask(source string) string {
	if strings.HasPrefix(source, "#!") {
		source = "//" + source[2:]
	}
	if strings.Contains(source, "await") {
		source = forAwait.ReplaceAllStringFunc(source, func(s string) string {
			return strings.Replace(s, "await", "     ", 1)
		})
	}
	if !strings.Contains(source, "import") && !strings.Contains(source, "from") {
		return source
	}
	return importAttributes.ReplaceAllStringFunc(source, func(s string) string {
		at := attributesPart.FindStringIndex(s)
		return s[:at[0]] + blanks(s[at[0]:])
	})
}

// blanks returns blanks of the width of s, line breaks kept.
func blanks(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		return ' '
	}, strings.ToValidUTF8(s, ""))
}

// Parsers recurse, and a Go stack that overflows cannot be recovered; and on
// some chains this parser takes time that grows with the square of their
// length. No code that people write comes near these bounds.
const (
	maxNesting = 1500
	maxChain   = 1000
	maxAsync   = 5000
)

// shallow tells whether source is nested within the bounds. Brackets and
// chains of arrows, labels or negations in strings count as well: code that has so many
// of them is no loss.
func shallow(source string) bool {
	depth, chain := 0, 0
	for i := range len(source) {
		switch source[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		case ';', '\n', ',':
			chain = 0
		case ':', '!', '~':
			chain++
		case '>':
			if i > 0 && source[i-1] == '=' {
				chain++
			}
		}
		if depth > maxNesting || chain > maxChain {
			return false
		}
	}
	return strings.Count(source, "async") <= maxAsync
}

// describe turns a parse error into a problem's text and place.
func describe(err error, source string, wrapped bool) (message string, offset int) {
	var syntax *syntaxError
	if !errors.As(err, &syntax) {
		return err.Error(), 0
	}
	line, column := syntax.line, syntax.column
	if wrapped && line == 1 {
		column -= len(bodyPrefix)
	}
	for range line - 1 {
		next := strings.IndexByte(source[offset:], '\n')
		if next < 0 {
			return syntax.message, len(source)
		}
		offset += next + 1
	}
	return syntax.message, min(max(offset+column-1, 0), len(source))
}
