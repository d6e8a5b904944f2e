package rules

import (
	"path"
	"strings"
)

// envExporter is a row of table/env-exporters.tsv.
type envExporter struct {
	action, file, unset, within string
	// input is the input that keeps the action from it: by this value, or by any
	// other one where only is set.
	input, value string
	only         bool
}

var envExporterRows = rows("env-exporters", []string{"action", "file", "default", "within", "unless"}, parseEnvExporter)

var envExporters = index(envExporterRows, func(r envExporter) string { return r.action })

func parseEnvExporter(r row) (envExporter, error) {
	out := envExporter{action: r.cell("action"), file: r.cell("file"), unset: r.cell("default"), within: r.cell("within")}
	out.input, out.value, _ = strings.Cut(r.cell("unless"), "=")
	out.value, out.only = strings.CutPrefix(out.value, "!")
	return out, nil
}

// ExportedFile returns the file of the checkout whose variables an action puts into
// the environment of the later steps, by its inputs; input tells one, and whether all
// of it is known. Names of actions and of inputs are in small letters.
func ExportedFile(action string, input func(name string) (text string, known bool)) (file string, ok bool) {
	found := envExporters()[SameAs(action)]
	if len(found) == 0 {
		return "", false
	}
	e := found[0]
	if e.input != "" {
		if text, known := input(e.input); known && (text == e.value) != e.only {
			return "", false
		}
	}
	file = e.unset
	if e.file != "" {
		if text, known := input(e.file); !known {
			return "", false
		} else if text != "" {
			file = text
		}
	}
	if e.within == "" {
		return file, true
	}
	folder, known := input(e.within)
	mode, named := input("mode")
	if !known || !named {
		return "", false
	}
	if mode != "" {
		file += "." + mode
	}
	return path.Join(folder, file), true
}
