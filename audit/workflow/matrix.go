package workflow

import (
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
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
	m.combinations(parsed.Matrix.Include, true)
	m.combinations(parsed.Matrix.Exclude, false)
	if len(m.values) > 0 {
		j.Matrix = m.values
	}
	j.MatrixDynamic = m.dynamic
}

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
		} else if len(m.values[name]) < maxMatrix && !slices.Contains(m.values[name], v.Value) {
			m.values[name] = append(m.values[name], v.Value)
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
