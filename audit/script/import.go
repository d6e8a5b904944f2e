package script

import (
	"github.com/grafana/sobek/ast"

	"github.com/patrol-actions/patrol/audit/value"
)

// importDeclaration binds the names of an import declaration.
func (f *frame) importDeclaration(d *ast.ImportDeclaration) {
	s := site{f, d}
	if d.ImportClause == nil || d.FromClause == nil {
		if d.ModuleSpecifier != "" {
			f.load(s, value.Text(d.ModuleSpecifier.String()))
		}
		return
	}
	t := f.load(s, value.Text(d.FromClause.ModuleSpecifier.String()))
	clause := d.ImportClause
	if clause.ImportedDefaultBinding != nil {
		f.scope.declare(clause.ImportedDefaultBinding.Name.String(), f.defaultOf(t, d), f.condition)
	}
	if clause.NameSpaceImport != nil {
		f.scope.declare(clause.NameSpaceImport.ImportedBinding.String(), namespace(t), f.condition)
	}
	if clause.NamedImports != nil {
		for _, specifier := range clause.NamedImports.ImportsList {
			name := specifier.IdentifierName.String()
			local := name
			if specifier.Alias != "" {
				local = specifier.Alias.String()
			}
			f.scope.declare(local, f.export(t, name, d), f.condition)
		}
	}
}

// export returns a named export. A module may export an object as a whole.
func (f *frame) export(t thing, name string, d ast.Node) thing {
	if name == "default" {
		return f.defaultOf(t, d)
	}
	return f.get(t, name, d)
}

// defaultOf returns a module's default export; for CommonJS that is all it
// exports.
func (f *frame) defaultOf(t thing, d ast.Node) thing {
	switch t := t.(type) {
	case *object:
		if inner, ok := t.members["default"]; ok {
			return inner
		}
		return t
	case outside:
		return f.get(t, "default", d)
	}
	return t
}

// exportDeclaration walks an export declaration.
func (f *frame) exportDeclaration(d *ast.ExportDeclaration) {
	exports := f.module.exports
	switch {
	case d.LexicalDeclaration != nil:
		f.bindings(d.LexicalDeclaration.List, false)
		f.exportBindings(d.LexicalDeclaration.List)
	case d.Variable != nil:
		f.bindings(d.Variable.List, true)
		f.exportBindings(d.Variable.List)
	case d.HoistableDeclaration != nil:
		name := d.HoistableDeclaration.FunctionDeclaration.Function.Name.Name.String()
		exports.set(exportName(name, d.IsDefault), f.lookup(name))
	case d.ClassDeclaration != nil:
		c := f.classLiteral(d.ClassDeclaration.Class)
		if c.name != "" {
			f.scope.declare(c.name, c, f.condition)
		}
		exports.set(exportName(c.name, d.IsDefault), c)
	case d.AssignExpression != nil:
		exports.set("default", f.eval(d.AssignExpression))
	case d.NamedExports != nil:
		f.exportNames(d.NamedExports, d)
	case d.ExportFromClause != nil && d.FromClause != nil:
		f.exportAll(d)
	}
}

func exportName(name string, isDefault bool) string {
	if isDefault {
		return "default"
	}
	return name
}

func (f *frame) exportBindings(list []*ast.Binding) {
	for _, b := range list {
		f.match(b.Target, none{}, func(name *ast.Identifier, _ thing) {
			f.module.exports.set(name.Name.String(), f.lookup(name.Name.String()))
		})
	}
}

// exportNames exports variables, or names of another module.
func (f *frame) exportNames(names *ast.NamedExports, d *ast.ExportDeclaration) {
	var from thing
	if d.FromClause != nil {
		from = f.load(site{f, d}, value.Text(d.FromClause.ModuleSpecifier.String()))
	}
	for _, specifier := range names.ExportsList {
		name := specifier.IdentifierName.String()
		as := name
		if specifier.Alias != "" {
			as = specifier.Alias.String()
		}
		if from != nil {
			f.module.exports.set(as, f.export(from, name, d))
			continue
		}
		f.module.exports.set(as, f.lookup(name))
	}
}

// exportAll exports what another module exports.
func (f *frame) exportAll(d *ast.ExportDeclaration) {
	from := f.load(site{f, d}, value.Text(d.FromClause.ModuleSpecifier.String()))
	if d.ExportFromClause.Alias != "" {
		f.module.exports.set(d.ExportFromClause.Alias.String(), namespace(from))
		return
	}
	if o, ok := from.(*object); ok {
		for _, name := range o.names {
			if name != "default" {
				f.module.exports.set(name, o.members[name])
			}
		}
	}
}
