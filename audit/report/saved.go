package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/patrol-actions/patrol/audit"
)

// Saved gives a report that the JSON format wrote as a stream. Open begins it
// anew each time; it is read once for the head and once for each time that the
// repositories are ranged over.
func Saved(open func() (io.ReadCloser, error)) (Stream, error) {
	head := &audit.Report{}
	err := eachPart(open, func(name string, d *json.Decoder) (bool, error) {
		switch name {
		case "schema":
			return true, decodeSchema(d, head)
		case "repositories":
			return true, skipList(d)
		}
		fields := map[string]any{
			"tool": &head.Tool, "generated_at": &head.GeneratedAt, "tokens": &head.Tokens, "organization": &head.Organization, "summary": &head.Summary,
		}
		into := fields[name]
		if into == nil {
			into = &json.RawMessage{} // a newer program may add some
		}
		return true, d.Decode(into)
	})
	if err == nil && head.Schema == 0 {
		err = errors.New(`not a report: it has no "schema"`)
	}
	if err == nil {
		err = checkNulls(head)
	}
	return Stream{Head: head, Repositories: savedRepositories(open)}, err
}

func decodeSchema(d *json.Decoder, head *audit.Report) error {
	if err := d.Decode(&head.Schema); err != nil {
		return err
	}
	if head.Schema != audit.SchemaVersion {
		return fmt.Errorf("the report has schema %d, but this program reads schema %d only", head.Schema, audit.SchemaVersion)
	}
	return nil
}

// savedRepositories are those of a saved report.
func savedRepositories(open func() (io.ReadCloser, error)) iter.Seq2[*audit.Repository, error] {
	return func(yield func(*audit.Repository, error) bool) {
		err := eachPart(open, func(name string, d *json.Decoder) (bool, error) {
			if name != "repositories" {
				return true, d.Decode(&json.RawMessage{})
			}
			if !begins(d, '[') {
				return false, errors.New("its repositories are no list")
			}
			for d.More() {
				var r *audit.Repository
				err := d.Decode(&r)
				if err == nil {
					err = checkNulls(&audit.Report{Repositories: []*audit.Repository{r}})
				}
				if err != nil {
					return false, err
				}
				if !yield(r, nil) {
					return false, nil
				}
			}
			_, err := d.Token()
			return false, err
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

// eachPart calls a function for every property of the object in a file, as long
// as it wants more.
func eachPart(open func() (io.ReadCloser, error), part func(name string, d *json.Decoder) (more bool, err error)) (err error) {
	file, err := open()
	if err != nil {
		return err
	}
	defer file.Close()
	d := json.NewDecoder(file)
	if !begins(d, '{') {
		return errors.New("not a JSON report: it is no object")
	}
	for d.More() {
		token, err := d.Token()
		name, _ := token.(string)
		if err != nil {
			return fmt.Errorf("not a JSON report: %w", err)
		}
		more, err := part(name, d)
		if err != nil {
			return fmt.Errorf("not a report of schema %d: %w", audit.SchemaVersion, err)
		}
		if !more {
			return nil
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("not a JSON report: %w", err)
	}
	return nil
}

// begins reads the beginning of a list or an object.
func begins(d *json.Decoder, delimiter json.Delim) bool {
	token, err := d.Token()
	return err == nil && token == delimiter
}

// skipList reads over a list item by item.
func skipList(d *json.Decoder) error {
	if !begins(d, '[') {
		return errors.New("its repositories are no list")
	}
	for d.More() {
		if err := d.Decode(&json.RawMessage{}); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}
