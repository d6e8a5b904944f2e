package script

import (
	"errors"
	"path"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/evanw/esbuild/pkg/api"
	"github.com/go-sourcemap/sourcemap"
	"github.com/grafana/sobek/parser"
)

// isTypeScript tells by its name whether a file is TypeScript.
func isTypeScript(name string) bool {
	switch path.Ext(name) {
	case ".ts", ".mts", ".cts", ".tsx":
		return true
	}
	return false
}

// TypeScript is read by way of esbuild. It makes the program six megabytes
// larger, and nothing smaller takes types away and keeps places; JavaScript
// comes here only if the parser does not take it.

// parsePlain turns source into JavaScript that the parser takes, and parses
// that. Types go away, and syntax that is newer than the parser is rewritten;
// a source map keeps the places.
func parsePlain(name, source string, module bool) (*program, error) {
	text, prefix := source, 0
	if !module && !isTypeScript(name) {
		text, prefix = bodyPrefix+source+bodySuffix, len(bodyPrefix)
	}
	code, place, err := plain(name, text)
	if err != nil {
		return nil, err
	}
	asModule := prefix == 0
	p := &program{path: name, code: code}
	p.place = func(offset int) int {
		if at := place(offset); at >= prefix && at <= prefix+len(source) {
			return at - prefix
		}
		return -1
	}
	if asModule {
		tree, err := parseSafely(code, parser.IsModule)
		if err != nil {
			return nil, err
		}
		p.body = tree.Body
		return p, nil
	}
	code = strings.TrimRight(code, "; \n")
	tree, err := parseSafely(code)
	if err != nil {
		return nil, err
	}
	p.code = code
	p.body, err = functionBody(tree, len(code))
	return p, err
}

// plain rewrites code, and returns how to find an offset of the result in it.
func plain(name, code string) (string, func(int) int, error) {
	loader := api.LoaderJS
	switch path.Ext(name) {
	case ".ts", ".mts", ".cts":
		loader = api.LoaderTS
	case ".tsx":
		loader = api.LoaderTSX
	case ".jsx":
		loader = api.LoaderJSX
	}
	result := api.Transform(code, api.TransformOptions{
		Loader:         loader,
		Target:         api.ES2022,
		Charset:        api.CharsetUTF8,
		Supported:      map[string]bool{"async-generator": false, "for-await": false, "import-attributes": false},
		Sourcemap:      api.SourceMapExternal,
		SourcesContent: api.SourcesContentExclude,
		LegalComments:  api.LegalCommentsNone,
		LogLevel:       api.LogLevelSilent,
		TsconfigRaw:    `{"compilerOptions":{"verbatimModuleSyntax":false}}`,
	})
	if len(result.Errors) > 0 {
		first := result.Errors[0]
		if first.Location == nil {
			return "", nil, errors.New(first.Text)
		}
		return "", nil, &syntaxError{line: first.Location.Line, column: first.Location.Column + 1, message: first.Text}
	}
	mapping, err := sourcemap.Parse("", result.Map)
	if err != nil {
		return "", nil, err
	}
	out := string(result.Code)
	return out, mappedPlace(mapping, newLines(out), newLines(code)), nil
}

// mappedPlace looks places up in a source map.
func mappedPlace(mapping *sourcemap.Consumer, from, to lines) func(int) int {
	return func(offset int) int {
		line, column := from.position(offset)
		_, _, line, column, ok := mapping.Source(line, column)
		if !ok {
			return -1
		}
		return to.offset(line, column)
	}
}

// lines finds lines in a text.
type lines struct {
	text   string
	starts []int
}

func newLines(text string) lines {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return lines{text, starts}
}

// position returns the 1-based line of an offset, and its 0-based column in
// UTF-16 units, in which source maps count.
func (l lines) position(offset int) (line, column int) {
	line = sort.SearchInts(l.starts, offset+1)
	for _, r := range l.text[l.starts[line-1]:min(offset, len(l.text))] {
		column += units(r)
	}
	return line, column
}

// offset is the inverse of position; -1 where there is no such place.
func (l lines) offset(line, column int) int {
	if line < 1 || line > len(l.starts) {
		return -1
	}
	offset := l.starts[line-1]
	for column > 0 && offset < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[offset:])
		column -= units(r)
		offset += size
	}
	return offset
}

// units counts the UTF-16 units of a character.
func units(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}
