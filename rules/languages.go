package rules

import (
	"errors"
	"sync"
)

// Language is one whose scripts are looked through, and not read.
type Language struct {
	// Name is what the report calls it.
	Name string
	// Endings are those of its scripts: what is called otherwise is none.
	Endings []string
	// Commands are the words and flags by which the program runs a script; it
	// needs none of them where there are none.
	Commands []string
}

// languageRow is one row of table/languages.tsv.
type languageRow struct {
	program string
	Language
}

var languageRows = rows("languages", []string{"program", "language", "endings", "commands", "source"}, func(r row) (languageRow, error) {
	out := languageRow{r.cell("program"), Language{r.cell("language"), r.list("endings"), r.list("commands")}}
	if out.program == "" || out.Name == "" || out.Endings == nil {
		return languageRow{}, errors.New("want a program, its language and the endings of scripts")
	}
	return out, nil
})

var languages = sync.OnceValue(func() map[string]Language {
	out := map[string]Language{}
	for _, r := range languageRows().rows {
		out[r.program] = r.Language
	}
	return out
})

// ScriptLanguage returns the language of the scripts that a program runs, by its
// name; ok is false for an interpreter that runs anything which it is given, and
// for other programs.
func ScriptLanguage(program string) (l Language, ok bool) {
	l, ok = languages()[program]
	return l, ok
}
