package workflow

import (
	"regexp"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v4"
)

// maxMatrix is the number of jobs that GitHub makes of a matrix at most.
const maxMatrix = 256

// strategy reads a job's strategy, of which the model keeps the matrix.
func (r *reader) strategy(j *Job, parsed *actionlint.Strategy) {
	if parsed == nil {
		return
	}
	r.flag(parsed.FailFast)
	if parsed.MaxParallel != nil {
		r.text(parsed.MaxParallel.Expression)
	}
	if parsed.Matrix == nil {
		if value := r.strategyAt(func(key, _ *yaml.Node) bool { return parsed.Pos != nil && isAt(key, parsed.Pos.Line, parsed.Pos.Col) }); value != nil {
			j.MatrixDynamic = r.scalar(value)
		}
		return
	}
	m := matrixReader{reader: r, values: map[string][]string{}}
	m.expression(parsed.Matrix.Expression)
	for name, row := range parsed.Matrix.Rows {
		m.expression(row.Expression)
		for _, value := range row.Values {
			m.value(name, value)
		}
	}
	m.exclude(parsed.Matrix.Exclude)
	m.combinations(parsed.Matrix.Include, true)
	m.combinations(parsed.Matrix.Exclude, false)
	if len(m.values) > 0 {
		j.Matrix = m.values
	}
	j.MatrixDynamic, j.MatrixLacks = m.dynamic, lacks(parsed.Matrix)
}

// strategyMessage is the parser's about a strategy that is one expression,
// which GitHub takes and the parser does not.
const strategyMessage = `"strategy" section is scalar node but mapping node is expected`

// strategyExpression tells whether the parser complains about such a strategy.
func (r *reader) strategyExpression(fault *actionlint.Error) bool {
	return fault.Message == strategyMessage && r.strategyAt(func(_, value *yaml.Node) bool { return isAt(value, fault.Line, fault.Column) }) != nil
}

// strategyAt returns the expression that is a strategy, at the place that is
// asked for; nil for none.
func (r *reader) strategyAt(here func(key, value *yaml.Node) bool) *yaml.Node {
	r.mappingAt(1, 1)
	for _, n := range r.mappings {
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, value := n.Content[i], n.Content[i+1]
			text := strings.TrimSpace(value.Value)
			if strings.EqualFold(key.Value, "strategy") && value.Kind == yaml.ScalarNode && strings.HasPrefix(text, "${{") && strings.HasSuffix(text, "}}") && here(key, value) {
				return value
			}
		}
	}
	return nil
}

func isAt(n *yaml.Node, line, column int) bool { return n.Line == line && n.Column == column }

// matrixReader gathers the literal values of a matrix by dotted name.
type matrixReader struct {
	reader  *reader
	values  map[string][]string
	dynamic Text
}

// expression notes that a part of the matrix is known at run time only. The
// first one in the file stands for all.
func (m *matrixReader) expression(s *actionlint.String) {
	if s != nil {
		m.setDynamic(m.reader.text(s))
	}
}

func (m *matrixReader) setDynamic(t Text) {
	if m.dynamic.IsZero() || compareTexts(t, m.dynamic) < 0 {
		m.dynamic = t
	}
}

// combinations reads include: or exclude:, of which the latter gives no
// values.
func (m *matrixReader) combinations(list *actionlint.MatrixCombinations, keep bool) {
	if list == nil {
		return
	}
	m.expression(list.Expression)
	for _, combination := range list.Combinations {
		m.expression(combination.Expression)
		for name, assign := range combination.Assigns {
			if keep {
				m.value(name, assign.Value)
			} else {
				m.discard(assign.Value)
			}
		}
	}
}

// exclude takes away the values that no combination has any more: an exclude: of
// one key takes out each one with its value. What include: adds comes later. Two
// spellings of a number or a truth are not compared.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstrategymatrixexclude
func (m *matrixReader) exclude(list *actionlint.MatrixCombinations) {
	if list == nil {
		return
	}
	for _, combination := range list.Combinations {
		for name, assign := range combination.Assigns {
			text, ok := assign.Value.(*actionlint.RawYAMLString)
			if len(combination.Assigns) > 1 || !ok || !isName.MatchString(text.Value) || slices.Contains(notNames, strings.ToLower(text.Value)) {
				continue
			}
			if kept := slices.DeleteFunc(slices.Clone(m.values[name]), func(v string) bool { return v == text.Value }); len(kept) > 0 {
				m.values[name] = kept
			}
		}
	}
}

// isName matches a text that stands for itself, with quotes around it or without,
// but for notNames.
var (
	isName   = regexp.MustCompile(`^[A-Za-z][\w./-]*$`)
	notNames = []string{"true", "false", "null", "yes", "no", "on", "off"}
)

// discard keeps the texts of a value, but not the value. It returns the
// first expression in it.
func (m *matrixReader) discard(value actionlint.RawYAMLValue) Text {
	other := matrixReader{reader: m.reader, values: map[string][]string{}}
	other.value("", value)
	return other.dynamic
}

// value adds a value under a dotted name.
func (m *matrixReader) value(name string, value actionlint.RawYAMLValue) {
	switch v := value.(type) {
	case *actionlint.RawYAMLString:
		text := m.reader.at(v.Value, v.Pos().Line, v.Pos().Col)
		if strings.Contains(v.Value, "${{") {
			m.setDynamic(text)
		} else if plain := m.reader.plain(text).Value; len(m.values[name]) < maxMatrix && !slices.Contains(m.values[name], plain) {
			m.values[name] = append(m.values[name], plain)
		}
	case *actionlint.RawYAMLObject:
		for key, property := range v.Props {
			m.value(name+"."+key, property)
		}
	case *actionlint.RawYAMLArray:
		for _, element := range v.Elems {
			if t := m.discard(element); !t.IsZero() {
				m.setDynamic(t)
			}
		}
	}
}
