package infer

import (
	"io/fs"
	"path"

	"github.com/patrol-actions/patrol/audit/trace"
)

// filesOf has the files of the checkout read as the site finds them. Where the job has
// changed one before in a way that is not known, the uses of the site are told so: what
// is read of it is the text before.
func (in *inferrer) filesOf(site *trace.Site) (end func()) {
	read := in.options.Read
	if read == nil {
		return func() {}
	}
	text := func(name string) (string, bool) {
		source, err := read(name)
		return string(source), err == nil
	}
	in.unchanged = text
	if !site.AnyChanged() {
		return func() { in.unchanged = nil }
	}
	var unknown []Unknown
	told := map[string]bool{}
	in.options.Read = func(name string) ([]byte, error) {
		if name = path.Clean(name); !site.Changed(name) {
			return read(name)
		}
		now := site.FileNow(name, text)
		if now.By != "" && !told[name] {
			told[name] = true
			unknown = append(unknown, unread(trace.StaleFile(name, now.By), site.Place()))
		}
		if !now.There {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
		}
		return []byte(now.Text), nil
	}
	first := len(in.uses)
	return func() {
		in.options.Read, in.unchanged = read, nil
		for _, u := range in.uses[first:] {
			if !u.Other {
				u.Unknowns = append(u.Unknowns, unknown...)
			}
		}
	}
}
