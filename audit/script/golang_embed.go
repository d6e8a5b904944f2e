package script

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
)

// embed gives the variables below lines of "//go:embed" what stands in the files of
// the checkout that these name, as if it were written behind them. Source:
// https://pkg.go.dev/embed#hdr-Directives
func (g *goProgram) embed(f *goFile) {
	var specs []*ast.ValueSpec
	for _, d := range f.tree.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				specs = append(specs, spec.(*ast.ValueSpec))
			}
		}
	}
	for _, group := range f.tree.Comments {
		for _, line := range group.List {
			patterns, ok := strings.CutPrefix(line.Text, "//go:embed ")
			at, _ := slices.BinarySearchFunc(specs, line.Pos(), func(s *ast.ValueSpec, pos token.Pos) int { return int(s.Pos() - pos) })
			if ok && at < len(specs) {
				g.embedded(f, specs[at], strings.Fields(patterns))
			}
		}
	}
}

func (g *goProgram) embedded(f *goFile, spec *ast.ValueSpec, patterns []string) {
	files := (&goFunction{file: f}).does(spec.Type).Does == "files"
	if files {
		spec.Values = []ast.Expr{&ast.CompositeLit{Type: spec.Type}}
	}
	for _, pattern := range patterns {
		pattern = path.Join(f.pkg.folder, strings.Trim(pattern, "\"`"))
		names := []string{pattern}
		if files && g.in.List != nil {
			for _, name := range g.in.List(pattern) {
				names = append(names, path.Join(pattern, name))
			}
			for _, name := range g.in.List(path.Dir(pattern)) {
				if matches, _ := path.Match(path.Base(pattern), name); matches {
					names = append(names, path.Join(path.Dir(pattern), name))
				}
			}
		}
		for _, name := range names {
			if text, ok := g.embeddedText(name); ok && !files {
				spec.Values = []ast.Expr{&ast.BasicLit{ValuePos: spec.Pos(), Kind: token.STRING, Value: strconv.Quote(text)}}
			}
		}
	}
}

// embeddedText is the text of a file that a variable holds, which counts among those
// of the program: each line by itself, as a shell may read it.
func (g *goProgram) embeddedText(name string) (text string, ok bool) {
	if text, known := g.embeds[name]; known || g.embeddedBytes > maxGoBytes {
		return text, known
	}
	text, ok = g.in.Read(name)
	if g.embeddedBytes += len(text); !ok || g.embeddedBytes > maxGoBytes {
		return "", false
	}
	g.embeds[name] = text
	for line := range strings.Lines(text) {
		g.texts.WriteString(strconv.Quote(strings.TrimSpace(line)) + "\n")
	}
	return text, true
}

// embeddedFile is the text of one of the files that a variable holds.
func (g *golang) embeddedFile(fn *goFunction, call *ast.CallExpr, files goThing) []goThing {
	var out []value.Value
	for _, name := range g.text(fn, call.Args[0]).Alternatives() {
		text, ok := name.Literal()
		if ok {
			text, ok = g.in.Read(path.Join(files.text.LiteralOr(""), text))
		}
		if !ok {
			return goTexts(value.Unknown(g.source(call)))
		}
		out = append(out, value.Text(text))
	}
	return goTexts(value.Choice(out...))
}
