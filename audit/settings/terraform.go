package settings

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Terraform is a configuration of Terraform, with the local modules that it
// calls.
type Terraform struct {
	// Blocks are its resources and data sources of the GitHub provider.
	Blocks []TerraformBlock
	// Owner is the provider's, "" where it names none in plain text; Variable
	// is the variable that its token comes from, "" for none. Keyed says that
	// it takes an App's key, and no token.
	Owner, Variable string
	// OwnerGiven says that it names an owner, in plain text or not.
	OwnerGiven bool
	Keyed      bool
	// Open are what could not be read, in words.
	Open []string
}

// TerraformBlock is a resource, or a data source.
type TerraformBlock struct {
	// Type is the resource's type, with "data." in front for a data source.
	Type string
	// Texts are the attributes that are plain text.
	Texts map[string]string
	File  string
	Line  int
	// references are the attributes that name a repository by its resource.
	references map[string]string
}

// maxModules bounds the modules that are followed.
const maxModules = 20

// ReadTerraform reads the configuration in a folder. List returns the names
// of the files in a folder, read a file's text.
func ReadTerraform(folder string, list func(folder string) []string, read func(name string) ([]byte, error)) Terraform {
	r := &terraformReader{list: list, read: read, names: map[string]string{}}
	r.folder(folder)
	for _, b := range r.result.Blocks {
		for attribute, resource := range b.references {
			b.Texts[attribute] = r.names[resource]
		}
	}
	if len(r.seen) > 0 && r.files == 0 {
		r.open("its configuration is not in this checkout")
	}
	return r.result
}

// ReadTerragrunt reads what Terragrunt runs in a folder: the module that its
// terragrunt.hcl names, or the configuration beside that. What it includes and
// generates is open.
func ReadTerragrunt(folder string, list func(folder string) []string, read func(name string) ([]byte, error)) Terraform {
	file := path.Join(folder, "terragrunt.hcl")
	source, err := read(file)
	if err != nil || !readable(source) {
		return Terraform{}
	}
	body, err := parseHCL(source, file)
	if err != nil {
		return Terraform{}
	}
	module := folder
	var open []string
	for _, b := range body.Blocks {
		switch b.Type {
		case "terraform":
			if from := strings.Replace(plainText(b, "source"), "//", "/", 1); strings.HasPrefix(from, ".") {
				module = path.Join(folder, from)
			} else if b.Body.Attributes["source"] != nil {
				return Terraform{}
			}
		case "include", "generate":
			open = append(open, "what "+file+" brings in by "+b.Type+" is not read")
		}
	}
	if strings.HasPrefix(module, "..") {
		return Terraform{}
	}
	out := ReadTerraform(module, list, read)
	if body.Attributes["inputs"] != nil && out.Variable != "" {
		open = append(open, "what "+file+" hands on as the token is not read")
	}
	out.Open = append(out.Open, open...)
	return out
}

type terraformReader struct {
	list   func(string) []string
	read   func(string) ([]byte, error)
	result Terraform
	seen   []string
	files  int
	// names are the names of the repositories that resources stand for, by
	// "github_repository.NAME".
	names map[string]string
}

func (r *terraformReader) open(text string) {
	if !slices.Contains(r.result.Open, text) {
		r.result.Open = append(r.result.Open, text)
	}
}

func (r *terraformReader) folder(dir string) {
	if slices.Contains(r.seen, dir) {
		return
	}
	if len(r.seen) == maxModules {
		r.open("it has too many modules")
		return
	}
	r.seen = append(r.seen, dir)
	for _, name := range r.list(dir) {
		file := path.Join(dir, name)
		switch {
		case strings.HasSuffix(name, ".tf.json"):
			r.files++
			r.jsonFile(dir, file)
		case strings.HasSuffix(name, ".tf"), strings.HasSuffix(name, ".tofu"):
			r.files++
			r.file(dir, file)
		}
	}
}

func (r *terraformReader) file(dir, file string) {
	source, err := r.read(file)
	if err != nil || !readable(source) {
		r.open(file + " could not be read")
		return
	}
	body, err := parseHCL(source, file)
	if err != nil {
		r.open(file + " does not parse")
		return
	}
	for _, b := range body.Blocks {
		switch {
		case b.Type == "provider" && label(b, 0) == "github":
			r.provider(b)
		case b.Type == "module":
			r.module(dir, b)
		case b.Type == "resource" && strings.HasPrefix(label(b, 0), "github_"):
			r.block(b, label(b, 0), file)
		case b.Type == "data" && strings.HasPrefix(label(b, 0), "github_"):
			r.block(b, "data."+label(b, 0), file)
		}
	}
}

// parseHCL calls the parser, whose panics on odd input become errors.
func parseHCL(source []byte, file string) (body *hclsyntax.Body, err error) {
	defer func() {
		if p := recover(); p != nil {
			body, err = nil, fmt.Errorf("the parser gave up: %v", p)
		}
	}()
	parsed, problems := hclsyntax.ParseConfig(source, file, hcl.InitialPos)
	if problems.HasErrors() {
		return nil, problems
	}
	return parsed.Body.(*hclsyntax.Body), nil
}

func label(b *hclsyntax.Block, i int) string {
	if i < len(b.Labels) {
		return b.Labels[i]
	}
	return ""
}

// provider reads the provider's block. With several, which one a resource
// takes is not followed.
func (r *terraformReader) provider(b *hclsyntax.Block) {
	owner := plainText(b, "owner")
	if owner == "" {
		owner = plainText(b, "organization")
	}
	_, aliased := b.Body.Attributes["alias"]
	r.owner(owner, aliased)
	for _, inner := range b.Body.Blocks {
		r.result.Keyed = r.result.Keyed || inner.Type == "app_auth"
	}
	for _, name := range []string{"base_url", "organization", "owner", "token"} {
		a := b.Body.Attributes[name]
		r.result.OwnerGiven = r.result.OwnerGiven || a != nil && (name == "owner" || name == "organization")
		switch {
		case a == nil || plainText(b, name) != "":
		case name == "token":
			if r.result.Variable = variable(a.Expr); r.result.Variable == "" {
				r.open("the provider's token is computed")
			}
		case name == "base_url":
			r.open("the provider's address is computed")
		}
	}
}

// owner notes the owner of a provider.
func (r *terraformReader) owner(owner string, aliased bool) {
	if aliased || r.result.Owner != "" && r.result.Owner != owner {
		r.open("it has several providers of GitHub")
	}
	r.result.Owner = owner
}

// variable returns the name of the variable that an expression is.
func variable(e hclsyntax.Expression) string {
	if words := traversed(e); len(words) == 2 && words[0] == "var" {
		return words[1]
	}
	return ""
}

// traversed returns the words of "a.b.c".
func traversed(e hclsyntax.Expression) []string {
	t, ok := e.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return nil
	}
	var words []string
	for _, step := range t.Traversal {
		switch s := step.(type) {
		case hcl.TraverseRoot:
			words = append(words, s.Name)
		case hcl.TraverseAttr:
			words = append(words, s.Name)
		default:
			return nil
		}
	}
	return words
}

func (r *terraformReader) module(dir string, b *hclsyntax.Block) {
	r.moduleFrom(dir, label(b, 0), plainText(b, "source"))
}

// moduleFrom reads the module of a name from its source.
func (r *terraformReader) moduleFrom(dir, name, source string) {
	if !strings.HasPrefix(source, "./") && !strings.HasPrefix(source, "../") {
		r.open("the module " + name + " is not of this repository")
		return
	}
	inner := path.Join(dir, source)
	if strings.HasPrefix(inner, "..") {
		r.open("the module " + name + " is not of this repository")
		return
	}
	if slices.Contains(r.seen, inner) {
		return
	}
	before := r.files
	r.folder(inner)
	if r.files == before {
		r.open("the module " + name + " is not in this checkout")
	}
}

func (r *terraformReader) block(b *hclsyntax.Block, kind, file string) {
	out := TerraformBlock{Type: kind, Texts: map[string]string{}, File: file, Line: b.TypeRange.Start.Line, references: map[string]string{}}
	for name, a := range b.Body.Attributes {
		if text := plainText(b, name); text != "" {
			out.Texts[name] = text
			continue
		}
		words := traversed(a.Expr)
		if len(words) > 0 && words[0] == "data" {
			words = words[1:]
		}
		if len(words) == 3 && words[0] == "github_repository" {
			out.references[name] = words[1]
		}
	}
	r.add(out, label(b, 1))
}

// add keeps a block, and the name of the repository that it stands for.
func (r *terraformReader) add(out TerraformBlock, label string) {
	if strings.TrimPrefix(out.Type, "data.") == "github_repository" {
		name := out.Texts["name"]
		if _, rest, full := strings.Cut(out.Texts["full_name"], "/"); full {
			name = rest
		}
		if have, twice := r.names[label]; !twice || have == name {
			r.names[label] = name
		} else {
			r.names[label] = "" // two modules use the name
		}
	}
	r.result.Blocks = append(r.result.Blocks, out)
}

// plainText returns an attribute that is plain text, or "".
func plainText(b *hclsyntax.Block, name string) string {
	a := b.Body.Attributes[name]
	if a == nil {
		return ""
	}
	v, problems := a.Expr.Value(nil)
	if problems.HasErrors() || !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}
