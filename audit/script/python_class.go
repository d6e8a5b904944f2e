package script

import (
	"slices"
	"strings"
)

// pyClass is a class of the script.
type pyClass struct {
	name string
	// base is the class of the script that it is made of, "" for none.
	base string
	// start and end are the bytes of its code.
	start, end int
	methods    map[string]*pyMethod
	// fields are the attributes that the class itself has, with what they are;
	// names are theirs, in order.
	fields map[string][]pyToken
	names  []string
	// assigned are the attributes that its methods give its instances.
	assigned map[string]bool
	// odd tells that something in it is not understood.
	odd bool
}

// pyMethod is a method of a class.
type pyMethod struct {
	owner *pyClass
	name  string
	// self is the name of the instance; "" for a static method.
	self string
	// property tells that it is called by its name alone.
	property   bool
	start, end int
	statements [][]pyToken
}

// pyUntold are words by which code reaches names that are not written in it.
var pyUntold = []string{"setattr", "delattr", "__dict__", "__class__", "modules", "__subclasses__", "__slots__", "locals", "globals", "vars", "eval", "exec"}

// pyObjectBases are bases that add nothing of their own.
var pyObjectBases = []string{"object", "ABC"}

// pyQuietMethods are the methods that Python calls by itself and that decide
// nothing about where a token goes: __init__ is read where an instance is made.
var pyQuietMethods = []string{"__init__", "__repr__", "__str__"}

// pyClasses finds the classes of a source that stand outside of all functions.
func (p *python) pyClasses(statements [][]pyToken) map[string]*pyClass {
	classes := map[string]*pyClass{}
	for i, s := range statements {
		if !pyIs(s, "class") || len(s) < 3 || s[1].kind != 'n' || p.column(s[0].offset) != 0 {
			continue
		}
		end := i + 1
		for end < len(statements) && p.column(statements[end][0].offset) > 0 {
			end++
		}
		c := &pyClass{name: s[1].text, start: s[0].offset, end: len(p.in.Source), methods: map[string]*pyMethod{}, fields: map[string][]pyToken{}, assigned: map[string]bool{}}
		if end < len(statements) {
			c.end = statements[end][0].offset
		}
		c.header(s)
		c.odd = c.odd || classes[c.name] != nil || i > 0 && pyIs(statements[i-1], "@") || p.boundKey(c.name) || p.shared[c.name]
		if _, function := p.functions[c.name]; function {
			c.odd = true
		}
		p.body(c, statements[i+1:end])
		classes[c.name] = c
	}
	for _, c := range classes {
		if slices.Contains(pyObjectBases, c.base) && classes[c.base] == nil && !p.boundKey(c.base) {
			c.base = ""
		}
	}
	return classes
}

// header reads "class Name(Base):".
func (c *pyClass) header(s []pyToken) {
	switch {
	case len(s) == 3 && s[2].kind == ':', len(s) == 5 && pyIs(s[2:], "(", ")", ":"):
	case len(s) == 6 && s[2].kind == '(' && s[3].kind == 'n' && pyIs(s[4:], ")", ":"):
		c.base = s[3].text
	default:
		c.odd = true
	}
}

// body reads what stands in a class.
func (p *python) body(c *pyClass, statements [][]pyToken) {
	if len(statements) == 0 {
		c.odd = true
		return
	}
	column := p.column(statements[0][0].offset)
	var m *pyMethod
	decorator := ""
	for i, s := range statements {
		switch at := p.column(s[0].offset); {
		case at < column || pyIs(s, "class") || strings.TrimSpace(lineBefore(p.in.Source, s[0].offset)) != "" && at == column:
			c.odd = true
			return
		case at > column:
			c.odd = c.odd || m == nil
			if m != nil {
				m.statements = append(m.statements, s)
			}
			continue
		}
		m = nil
		switch {
		case s[0].kind == '@' && len(s) == 2 && slices.Contains([]string{"staticmethod", "property", "abstractmethod"}, s[1].text) && decorator == "":
			decorator = s[1].text
			continue
		case pyIs(s, "def") && pyBody(s) > 0:
			m = c.method(s, decorator)
			m.end = c.end
			if next := i + 1; next < len(statements) {
				for next < len(statements) && p.column(statements[next][0].offset) > column {
					next++
				}
				if next < len(statements) {
					m.end = statements[next][0].offset
				}
			}
		case decorator != "":
			c.odd = true
		default:
			c.field(s)
		}
		decorator = ""
	}
	for _, m := range c.methods {
		m.assigns()
	}
}

// lineBefore is what stands before an offset in its line.
func lineBefore(source string, offset int) string {
	return source[offset-lineIndent(source, offset) : offset]
}

// method notes a method.
func (c *pyClass) method(s []pyToken, decorator string) *pyMethod {
	m := &pyMethod{owner: c, name: s[1].text, start: s[0].offset, statements: [][]pyToken{s}, property: decorator == "property"}
	hidden := strings.HasPrefix(m.name, "__") && strings.HasSuffix(m.name, "__") && !slices.Contains(pyQuietMethods, m.name)
	c.odd = c.odd || hidden || c.methods[m.name] != nil || c.fields[m.name] != nil || s[2].kind != '('
	c.methods[m.name] = m
	if decorator != "staticmethod" {
		if len(s) > 4 && s[3].kind == 'n' && (s[4].kind == ',' || s[4].kind == ')') {
			m.self = s[3].text
		} else {
			c.odd = true
		}
	}
	return m
}

// field notes an attribute of the class itself, or what is none.
func (c *pyClass) field(s []pyToken) {
	plain := pyPlain(s)
	switch {
	case len(s) == 1 && s[0].kind == 's', pyIs(s, "pass") && len(s) == 1, pyIs(s, ".", ".", ".") && len(s) == 3:
	case len(plain) > 2 && plain[0].kind == 'n' && plain[1].kind == '=' && plain[2].kind != '=':
		name := plain[0].text
		for _, t := range plain[2:] {
			c.odd = c.odd || t.kind == 'n' && c.fields[t.text] != nil || t.kind == 's' && t.format
		}
		c.odd = c.odd || c.fields[name] != nil || c.methods[name] != nil || strings.HasPrefix(name, "__")
		c.fields[name] = plain[2:]
		c.names = append(c.names, name)
	case len(s) > 2 && s[0].kind == 'n' && s[1].kind == ':' && len(plain) == len(s):
	default:
		c.odd = true
	}
}

// assigns notes the attributes that a method gives the instance.
func (m *pyMethod) assigns() {
	for _, s := range m.statements[1:] {
		equal := slices.IndexFunc(s, func(t pyToken) bool { return t.kind == '=' })
		if equal < 0 || m.self == "" {
			continue
		}
		for _, part := range pySplit(s[:equal], ',') {
			if len(part) >= 3 && pyIs(part, m.self, ".") && part[2].kind == 'n' && (len(part) == 3 || part[3].kind == ':') {
				m.owner.assigned[m.attribute(part[2].text)] = true
			}
		}
	}
}

// attribute is the name of an attribute: Python puts that of the class before
// one that begins with two underscores.
func (m *pyMethod) attribute(name string) string {
	if strings.HasPrefix(name, "__") && !strings.HasSuffix(name, "__") {
		return "_" + m.owner.name + name
	}
	return name
}

// pyLine are a class and its bases, the nearest first; nil where one of them is
// not understood.
func pyLine(classes map[string]*pyClass, name string) []*pyClass {
	var line []*pyClass
	for name != "" {
		c := classes[name]
		if c == nil || c.odd || slices.Contains(line, c) {
			return nil
		}
		line = append(line, c)
		name = c.base
	}
	return line
}

// pyFind is the method of a name that an instance has, and whether its class is
// one of the line.
func pyFind(line []*pyClass, name string) *pyMethod {
	for _, c := range line {
		if m := c.methods[name]; m != nil {
			return m
		}
		if c.fields[name] != nil {
			return nil
		}
	}
	return nil
}
