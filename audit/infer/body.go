package infer

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/patrol-actions/patrol/audit/shell"
	"github.com/patrol-actions/patrol/audit/trace"
	"github.com/patrol-actions/patrol/audit/value"
	"github.com/patrol-actions/patrol/rules"
)

// jsonBody adds the texts of a request's JSON body to fields, inner ones after a
// dot. Whole says that it has no others: of several texts that the body may be,
// a field that some do not have may be missing.
func jsonBody(body value.Value, fields map[string]value.Value) (whole bool) {
	var all []map[string]value.Value
	whole = true
	for _, text := range body.Alternatives() {
		one := map[string]value.Value{}
		whole = addJSON(text, one) && whole
		all = append(all, one)
	}
	if len(all) == 1 {
		maps.Copy(fields, all[0])
		return whole
	}
	for _, one := range all {
		for name := range one {
			var may []value.Value
			for _, other := range all {
				v, there := other[name]
				if !there {
					v = value.Unknown(name)
				}
				may = append(may, v)
			}
			fields[name] = value.Choice(may...)
		}
	}
	return whole
}

// requestBody returns the body that a client was given: "@" stands before a file.
func (in *inferrer) requestBody(c *trace.Command, body value.Value) value.Value {
	if len(body) == 0 || !strings.HasPrefix(body[0].Text, "@") {
		return in.copied(c, body)
	}
	masked := body.Mask()
	return in.fileBody(c, masked.Table.Value(masked.Text[1:]))
}

// fileBody returns the text of a file that a request is given as its body, "-" for
// what the command reads. Other than [inferrer.textOf], it gives none that may have
// been changed, or added to, since it was seen.
func (in *inferrer) fileBody(c *trace.Command, file value.Value) value.Value {
	if file.LiteralOr("") == "-" {
		return in.copied(c, c.Stdin)
	}
	for n, written := range c.Written {
		if word := c.Args[n].String(); (c.Args[n].Equal(file) || strings.HasSuffix(word, "@"+file.String()) || strings.HasSuffix(word, "="+file.String())) && !written.Part && !in.edited(file.String()) {
			return in.copied(c, written.Content)
		}
	}
	if name := file.LiteralOr(""); name != "" && !in.touched(name) {
		if text, ok := in.checkedOut(folder(c.Dir), name); ok {
			return text
		}
	}
	return value.Unknown("the file " + file.String())
}

// followed are the programs that write files, and whose writing the reading of
// scripts follows.
var followed = []string{"tee", "cp", "mv", "rm", "set-content", "add-content", "out-file", "new-item"}

// edited tells whether an earlier command of the job may have changed a file that
// the job wrote, by a way that is not followed.
func (in *inferrer) edited(name string) bool {
	return in.earlier(&in.editors, name, func(c *trace.Command) bool {
		return !slices.Contains(followed, strings.ToLower(c.Args[0].String())) && in.givenTo(c, name)
	})
}

// firstOf is the first command of a job that does something to a file, among the sites
// up to one; it is that one where none does.
type firstOf struct{ at, looked int }

// earlier tells whether a command before the site at hand does what is asked to a file.
// The sites of a job stay as they are while it is looked at, so that each is asked once
// for each name.
func (in *inferrer) earlier(known *map[string]firstOf, name string, does func(*trace.Command) bool) bool {
	if *known == nil {
		*known = map[string]firstOf{}
	}
	first := (*known)[name]
	for first.at == first.looked && first.looked < in.index {
		c := in.job.Sites[first.looked].Command
		first.looked++
		if c == nil || len(c.Args) == 0 || !does(c) {
			first.at = first.looked
		}
	}
	(*known)[name] = first
	return first.at < min(first.looked, in.index)
}

// givenTo tells whether a command that may write the files it is given is given
// one. Behind "@" it is only read.
func (in *inferrer) givenTo(c *trace.Command, name string) bool {
	base := path.Base(name)
	for n, word := range c.Args[1:] {
		if text := word.String(); !strings.HasSuffix(text, base) || strings.HasSuffix(text, "@"+name) {
			continue
		}
		if words, _ := c.Words(); rules.NamedFileUse(words) != rules.FilesRead || rules.WrittenBehind(words[n]) {
			return true
		}
	}
	return false
}

// copied returns the text of a file of the checkout where that is what a value is, as
// of cat FILE; else the value.
func (in *inferrer) copied(c *trace.Command, v value.Value) value.Value {
	if name, ok := shell.FileOf(v); ok && !in.touched(name) {
		if text, ok := in.checkedOut(folder(c.Dir), name); ok {
			return text
		}
	}
	return v
}
