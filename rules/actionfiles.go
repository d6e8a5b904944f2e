package rules

import (
	"fmt"
	"slices"
)

// ActionFiles is how an action changes files of the checkout. Names of inputs are in
// small letters.
type ActionFiles struct {
	action string
	// Files is the input that names them, Unset those where it is not given.
	Files, Unset string
	// Does is FilesPut, FilesWritten or FilesEdited. From and To are the inputs with
	// what is replaced, and with the text in its place, or the whole text; "" for none.
	Does     FileUse
	From, To string
}

const (
	// FilesPut is an action that puts files into folders.
	FilesPut FileUse = "folder"
	// FilesWritten is one that writes a text to a file.
	FilesWritten FileUse = "writes"
)

var actionFilesRows = rows("action-files", []string{"action", "files", "unset", "does", "from", "to"}, func(r row) (ActionFiles, error) {
	out := ActionFiles{r.cell("action"), r.cell("files"), r.cell("unset"), FileUse(r.cell("does")), r.cell("from"), r.cell("to")}
	if out.Files == "" || !slices.Contains([]FileUse{FilesPut, FilesWritten, FilesEdited}, out.Does) {
		return out, fmt.Errorf("%s: want an input, and what the action does", out.action)
	}
	return out, nil
})

var actionFiles = index(actionFilesRows, func(r ActionFiles) string { return r.action })

// ChangesFiles returns how an action changes files of the checkout, by its name in small
// letters.
func ChangesFiles(action string) (ActionFiles, bool) {
	found := actionFiles()[SameAs(action)]
	if len(found) == 0 {
		return ActionFiles{}, false
	}
	return found[0], true
}
