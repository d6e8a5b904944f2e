package script

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// GoInput is a program in Go with its surroundings.
type GoInput struct {
	// Folder is that of the program's package, from the repository's root.
	// Files are those of it that make the program; none for all.
	Folder string
	Files  []string
	// Operands are those that the program is called with: os.Args[1:].
	Operands []value.Value
	// System is that which the program is built for, Linux for none. Tags are the
	// other words that its files may ask for, Linked the values that package
	// variables are given instead of their own, by path and name.
	System string
	Tags   []string
	Linked map[string]value.Value
	// Mage says that Mage runs the package, and Targets what it is asked for; none
	// for the default.
	Mage    bool
	Targets []string
	// Env has the variables that the program gets.
	Env *value.Env
	// List returns the names of the files in a folder, Read a file's text.
	List func(folder string) []string
	Read func(name string) (source string, ok bool)
}

// ReadGo reads a program in Go for what it does with a token: calls of
// go-github (table/clients.tsv of package rules), requests of net/http, and
// programs that it starts. It reads the package of the program and those of
// the same module that it imports, as far as main may reach them by name.
//
// Nothing is typed: a name stands for everything that is assigned to it
// anywhere in its function, a field for everything that is put into a field
// of that name, and a method for every method of the program that is called
// so. All branches count but those that the operands do not pick. A credential
// that goes anywhere else than these are followed is Unread; so is a program
// that picks its command by its operands in another way, and one that uses a
// package that looks for tokens by itself.
func ReadGo(in GoInput) Result {
	program := newGoProgram(in)
	g := newGolang(program)
	if program.problem != "" {
		g.unread(nil, token.NoPos, program.problem)
		return g.result
	}
	if in.Mage {
		program.pickTargets()
	}
	if g.told() {
		newGolang(program).choose()
	}
	if why := g.foreign(); why != "" {
		g.unread(nil, token.NoPos, why)
		return g.result
	}
	g.reach()
	if why := g.missed(); why != "" {
		g.unread(nil, token.NoPos, why)
	}
	g.collect()
	g.collectValues()
	g.alter()
	g.collected, g.steps = true, 0
	g.follow()
	g.walk()
	slices.Sort(g.result.EnvReads)
	g.result.EnvReads = slices.Compact(g.result.EnvReads)
	return g.result
}

// GoSources returns the text of all files that [ReadGo] would read, and whether
// the program uses a package that may look for a token by itself.
func GoSources(in GoInput) (text string, looks bool) {
	g := newGoProgram(in)
	var b strings.Builder
	for _, folder := range g.order {
		for _, f := range g.packages[folder].files {
			b.WriteString(f.source)
			for _, importPath := range f.imports {
				looks = looks || rules.FindGoName(importPath, "*").Does == "finds-tokens"
			}
		}
	}
	return b.String() + g.texts.String(), looks || g.embeddedBytes > maxGoBytes
}

// The bounds of what is read of one program.
const (
	maxGoFiles = 400
	maxGoBytes = 4 << 20
	maxGoSteps = 200_000
	maxGoDepth = 40
)

// goProgram is what a program is made of.
type goProgram struct {
	in    GoInput
	files *token.FileSet
	// module is the path of the module, modules are the folders of it and of those
	// that stand for others, by their paths.
	module   string
	modules  map[string]string
	packages map[string]*goPackage
	// order are the folders of the packages as they were read.
	order []string
	bytes int
	count int
	// problem says why it cannot be read.
	problem string
	// embeds are the texts of the files that variables hold, texts their lines,
	// quoted.
	embeds        map[string]string
	texts         strings.Builder
	embeddedBytes int
	// targets are the names of the functions that Mage is asked for.
	targets []string
}

func newGoProgram(in GoInput) *goProgram {
	g := &goProgram{in: in, files: token.NewFileSet(), modules: map[string]string{}, packages: map[string]*goPackage{}, embeds: map[string]string{}}
	g.findModule()
	if g.load(in.Folder, in.Files) == nil && g.problem == "" {
		g.problem = "is not in this checkout"
	}
	return g
}

// golang is the reader of one program.
type golang struct {
	*goProgram
	// in is that of the program, with the variables that it sets.
	in GoInput
	// bound are what names and fields are given; see goKey.
	bound map[string][]goSource
	// fields are the names of the fields of the program's own structs, and
	// structs the fields of each in order.
	fields  map[string]bool
	structs map[string][]string
	// typed are the types of names and fields by their keys, decoded what others
	// fill in, opened the structs that they do, altered the names whose elements
	// are changed by other names.
	typed           map[string]string
	decoded         []goSource
	opened, altered map[string]bool
	methods         map[string][]*goFunction
	reached         map[*goFunction]bool
	// reaching is what reach knows while it looks.
	reaching *goReach
	// queue are the reached functions in order.
	queue []*goFunction
	// known are the names and fields that were resolved, when all that they are
	// given was collected. resolving are the expressions that are being
	// resolved, by their order, and lowest is the first of them that was met
	// again.
	known     map[string][]goThing
	collected bool
	resolving map[ast.Expr]int
	lowest    int
	requests  map[*ast.CallExpr]*goRequest
	sent      []*goRequest
	asked     map[string]bool
	// closures are the names of functions without a name whose operands are
	// bound where they are called.
	closures map[string][]*ast.FuncLit
	// valued are the functions that a call of a value was found to be of.
	valued map[*ast.CallExpr]map[*ast.FuncType]bool
	// frame is the one that is walked; see follow. active are the functions
	// that are entered, sharing is what shared found, starters are the
	// functions that may start programs, walked the functions and calls that follow
	// came to, prepared the assignments, and dead the statements that it left out.
	// inner are the names that statements declare. arm counts the ways on which
	// statements stand.
	frame    *goFrame
	entered  int
	active   map[ast.Node]bool
	sharing  map[*goFunction]map[string]bool
	starters map[*goFunction]bool
	walked   map[ast.Node]bool
	prepared map[*ast.AssignStmt]bool
	dead     map[ast.Stmt]bool
	inner    map[ast.Stmt]map[string]bool
	arm      goArmNumber
	// heads are the expressions that calls are of, and those behind a star.
	heads map[ast.Expr]bool
	steps int
	depth int
	// far says that something led too far to be followed.
	far    bool
	result Result
	// unrolled is how often the body of the loops is walked that are.
	unrolled int
	// handed are the operands that names were given by calls of values.
	handed map[goHanded]bool
	// folders are those that the program may be in, looping says that it is in a
	// loop.
	folders []string
	looping bool
	// found are the names in small letters of what Mage may be asked for.
	found map[string]bool
	// switches are the flags that take no word along; see booleans.
	switches map[string]bool
}

func newGolang(of *goProgram) *golang {
	return &golang{
		goProgram: of, in: of.in, bound: map[string][]goSource{}, fields: map[string]bool{},
		structs: map[string][]string{}, methods: map[string][]*goFunction{}, reached: map[*goFunction]bool{}, resolving: map[ast.Expr]int{}, known: map[string][]goThing{},
		requests: map[*ast.CallExpr]*goRequest{}, asked: map[string]bool{}, closures: map[string][]*ast.FuncLit{},
		valued: map[*ast.CallExpr]map[*ast.FuncType]bool{}, active: map[ast.Node]bool{}, sharing: map[*goFunction]map[string]bool{}, walked: map[ast.Node]bool{},
		dead: map[ast.Stmt]bool{}, inner: map[ast.Stmt]map[string]bool{}, prepared: map[*ast.AssignStmt]bool{}, starters: map[*goFunction]bool{}, heads: map[ast.Expr]bool{}, folders: []string{""}, handed: map[goHanded]bool{}, altered: map[string]bool{}, typed: map[string]string{}, opened: map[string]bool{}, found: map[string]bool{},
	}
}

type goPackage struct {
	folder    string
	files     []*goFile
	functions map[string]*goFunction
}

type goFile struct {
	pkg    *goPackage
	name   string
	source string
	tree   *ast.File
	// imports are the paths by the names that they have in the file.
	imports map[string]string
}

// goFunction is a function, or the declarations of a file outside of all.
type goFunction struct {
	file *goFile
	name string
	decl *ast.FuncDecl
	// of is the type of a method.
	of *goType
	// locals are the names that are bound inside.
	locals map[string]bool
}

// load reads a package and those of its module that it imports.
func (g *goProgram) load(folder string, names []string) *goPackage {
	if p, ok := g.packages[folder]; ok {
		return p
	}
	p := &goPackage{folder: folder}
	listed := len(names) > 0
	if !listed && g.in.List != nil {
		names = g.in.List(folder)
	}
	g.packages[folder] = p
	g.order = append(g.order, folder)
	for _, name := range names {
		if strings.HasSuffix(name, ".go") && (listed || !strings.HasSuffix(name, "_test.go")) {
			g.file(p, path.Join(folder, name), listed)
		}
	}
	for _, f := range p.files {
		for _, spec := range f.tree.Imports {
			importPath, _ := strconv.Unquote(spec.Path.Value)
			inner, ok := g.own(importPath)
			if !ok {
				continue
			}
			loaded := g.load(inner, nil)
			switch {
			case loaded == nil && g.problem == "":
				g.problem = "imports " + importPath + ", which is not in this checkout"
			case loaded != nil && len(loaded.files) > 0 && spec.Name == nil:
				delete(f.imports, goImportName(importPath))
				f.imports[loaded.files[0].tree.Name.Name] = importPath
			}
		}
	}
	if len(p.files) == 0 {
		return nil
	}
	return p
}

func (g *goProgram) file(p *goPackage, name string, listed bool) {
	source, ok := g.in.Read(name)
	if !ok || !listed && !g.builds(name, source) {
		return
	}
	g.count, g.bytes = g.count+1, g.bytes+len(source)
	if g.count > maxGoFiles || g.bytes > maxGoBytes || len(source) > maxSource {
		g.problem = "is too long to be read"
		return
	}
	tree, err := parser.ParseFile(g.files, name, source, parser.SkipObjectResolution|parser.ParseComments)
	if err != nil {
		g.problem = "does not parse: " + name
		return
	}
	ast.Inspect(tree, goElided)
	f := &goFile{pkg: p, name: name, source: source, tree: tree, imports: map[string]string{}}
	for _, spec := range tree.Imports {
		importPath, _ := strconv.Unquote(spec.Path.Value)
		local := goImportName(importPath)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == "." {
			g.problem = "imports the names of " + importPath
		}
		f.imports[local] = importPath
	}
	p.files = append(p.files, f)
	g.embed(f)
}

// goElided writes the types of elements that a literal of a list or a map leaves
// out.
func goElided(n ast.Node) bool {
	literal, ok := n.(*ast.CompositeLit)
	if !ok {
		return true
	}
	var of ast.Expr
	switch kind := literal.Type.(type) {
	case *ast.ArrayType:
		of = kind.Elt
	case *ast.MapType:
		of = kind.Value
	default:
		return true
	}
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	for _, e := range literal.Elts {
		if pair, ok := e.(*ast.KeyValueExpr); ok {
			e = pair.Value
		}
		if inner, ok := e.(*ast.CompositeLit); ok && inner.Type == nil {
			inner.Type = of
		}
	}
	return true
}

// goImportName guesses the name of a package by its path. Where that is wrong,
// what is called of it is not known.
func goImportName(importPath string) string {
	base := path.Base(importPath)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		base = path.Base(path.Dir(importPath))
	}
	base, _, _ = strings.Cut(base, ".")
	return base
}

// unread notes a place where a credential gets out of sight, each once.
func (g *golang) unread(f *goFile, at token.Pos, message string) {
	problem := Problem{File: path.Join(g.in.Folder, "main.go"), Message: message}
	if f != nil {
		problem.File, problem.Offset = f.name, g.files.Position(at).Offset
	}
	if !slices.ContainsFunc(g.result.Unread, func(p Problem) bool {
		return p.File == problem.File && p.Offset == problem.Offset && p.Message == problem.Message
	}) {
		g.result.Unread = append(g.result.Unread, problem)
	}
}
