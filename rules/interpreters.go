package rules

import (
	"errors"
	"sync"
)

// Interpreter is a program whose first operand is a script, whatever that is called.
type Interpreter struct {
	// Language is that of the script: "shell", "powershell", "javascript", "python"
	// or another, which is not read.
	Language string
	// Values are its flags that take the next word along, where that is not the
	// script.
	Values []string
	// Commands are the words behind it that say to run a script.
	Commands []string
}

// interpreterRow is a row of table/interpreters.tsv.
type interpreterRow struct {
	program string
	Interpreter
}

var interpreterRows = rows("interpreters", []string{"program", "language", "values", "commands", "note"}, func(r row) (interpreterRow, error) {
	out := interpreterRow{r.cell("program"), Interpreter{r.cell("language"), r.list("values"), r.list("commands")}}
	if out.program == "" || out.Language == "" {
		return out, errors.New("want a program and the language of its scripts")
	}
	return out, nil
})

var interpreters = sync.OnceValue(func() map[string]Interpreter {
	out := map[string]Interpreter{}
	for _, r := range interpreterRows().rows {
		out[r.program] = r.Interpreter
	}
	return out
})

// InterpreterOf returns what is known of an interpreter, by its name; ok is false
// for other programs, among them those of [ScriptLanguage].
func InterpreterOf(program string) (i Interpreter, ok bool) {
	i, ok = interpreters()[program]
	return i, ok
}
