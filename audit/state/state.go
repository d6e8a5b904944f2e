// Package state keeps what the audit of many repositories has found so far, in
// one file: a run that was ended goes on where it was, and the next one audits
// anew only what has changed.
//
// The file holds the list of the repositories and the audit of each. It holds
// no token. It is bbolt's, whose transactions are whole or not at all, however
// the process ends.
package state

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/patrol-actions/patrol/audit"
	"github.com/patrol-actions/patrol/audit/bulk"
)

// The buckets of the file.
var (
	runBucket      = []byte("run")
	listBucket     = []byte("repositories")
	resultBucket   = []byte("results")
	keptBucket     = []byte("kept")
	uploadedBucket = []byte("uploaded")
	runKey         = []byte("run")
	formKey        = []byte("form")
	lockedMessage  = "another run of patrol uses it"
)

// Store is an open file.
type Store struct {
	db   *bbolt.DB
	path string
	// temporary says that the file goes when it is closed.
	temporary bool
}

// Run is what is known of a run as a whole.
type Run struct {
	// Scope says what was asked for: a run for something else begins anew.
	Scope string `json:"scope"`
	// StartedAt is when the run began: the report is of that time.
	StartedAt time.Time `json:"started_at"`
	// Accounts are those whose list was begun, Next is the cursor of the last
	// one's next page.
	Accounts []audit.Account `json:"accounts"`
	Next     string          `json:"next,omitempty"`
	// Hidden counts the repositories of which GitHub did not give the name.
	Hidden int `json:"hidden,omitempty"`
	// Listed says that the list is whole, Done that the run is.
	Listed bool `json:"listed,omitempty"`
	Done   bool `json:"done,omitempty"`
}

// Result is the audit of one repository.
type Result struct {
	// Key says what it was made with, see package estate.
	Key string `json:"key"`
	// Used and Mounted say on what of the repository and of others it rests,
	// see [bulk.View].
	Used    map[string]string `json:"used,omitempty"`
	Mounted map[string]string `json:"mounted,omitempty"`
	// Seen are the repositories whose visibility, and the accounts whose
	// settings it rests on; Day is its day where it may be another tomorrow.
	Seen map[string]string `json:"seen,omitempty"`
	Day  string            `json:"day,omitempty"`
	// Failed says that the repository could not be read: that is never taken
	// over by a later run.
	Failed bool `json:"failed,omitempty"`
	// Workflows counts those of the report.
	Workflows int `json:"workflows,omitempty"`
	// Report is the audit as JSON.
	Report json.RawMessage `json:"report"`
	// Lines are the lines around what the audit is about, by file and number.
	Lines map[string]map[int]string `json:"lines,omitempty"`
}

// Open opens a file, and makes it if need be; "" is for one that goes when it
// is closed.
func Open(path string) (*Store, error) {
	s := &Store{path: path}
	if path == "" {
		file, err := os.CreateTemp("", "patrol-*.db")
		if err != nil {
			return nil, fmt.Errorf("the state of the run cannot be kept: %w", err)
		}
		s.path, s.temporary = file.Name(), true
		if err := file.Close(); err != nil {
			return nil, errors.Join(err, os.Remove(s.path))
		}
	}
	db, err := bbolt.Open(s.path, 0o600, &bbolt.Options{Timeout: time.Second, NoFreelistSync: true, FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, s.explain(err)
	}
	s.db = db
	if err := db.Update(s.prepare); err != nil {
		return nil, errors.Join(s.explain(err), s.Close())
	}
	return s, nil
}

// Read opens a file to read it alone, also side by side with others. The error
// is [fs.ErrNotExist] where there is none.
func Read(path string) (*Store, error) {
	s := &Store{path: path}
	if info, err := os.Stat(path); err == nil && info.Size() == 0 {
		return nil, s.explain(bolterrors.ErrInvalid)
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Minute, ReadOnly: true, OpenFile: openRead})
	if err != nil {
		return nil, s.explain(err)
	}
	s.db = db
	err = db.View(func(tx *bbolt.Tx) error {
		run := tx.Bucket(runBucket)
		if run == nil || tx.Bucket(listBucket) == nil || string(run.Get(formKey)) != form() {
			return errors.New("it is of another version of patrol: make it anew")
		}
		return nil
	})
	if err != nil {
		return nil, errors.Join(s.explain(err), s.Close())
	}
	return s, nil
}

// openRead opens a file that is there already.
func openRead(name string, _ int, _ os.FileMode) (*os.File, error) { return os.Open(name) }

// prepare makes the buckets. What was written in another form is dropped:
// everything in it can be found out again.
func (s *Store) prepare(tx *bbolt.Tx) error {
	buckets := [][]byte{runBucket, listBucket, resultBucket, keptBucket, uploadedBucket}
	run := tx.Bucket(runBucket)
	if run != nil && string(run.Get(formKey)) != form() {
		for _, name := range buckets {
			if err := tx.DeleteBucket(name); err != nil && !errors.Is(err, bolterrors.ErrBucketNotFound) {
				return err
			}
		}
	}
	for _, name := range buckets {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return tx.Bucket(runBucket).Put(formKey, []byte(form()))
}

// explain says which file an error is about, and what to do.
func (s *Store) explain(err error) error {
	var path *fs.PathError
	switch {
	case errors.As(err, &path):
		err = path.Err // fs.ErrNotExist is one of these
	case errors.Is(err, bolterrors.ErrTimeout):
		err = errors.New(lockedMessage + ": wait for it, or give another file")
	case errors.Is(err, bolterrors.ErrInvalid) || errors.Is(err, bolterrors.ErrChecksum) || errors.Is(err, bolterrors.ErrVersionMismatch):
		err = errors.New("this is no state of patrol, or a broken one: give another file, or remove it")
	}
	return fmt.Errorf("state %s: %w", s.path, err)
}

// Close closes the file.
func (s *Store) Close() error {
	err := s.db.Close()
	if s.temporary {
		err = errors.Join(err, os.Remove(s.path))
	}
	return err
}

// Run reads what is known of the last run; nil where there was none.
func (s *Store) Run() (*Run, error) {
	var run *Run
	err := s.db.View(func(tx *bbolt.Tx) error {
		data := tx.Bucket(runBucket).Get(runKey)
		if data == nil {
			return nil
		}
		run = &Run{}
		return json.Unmarshal(data, run)
	})
	if err != nil {
		return nil, s.explain(err)
	}
	return run, nil
}

// Begin forgets the list of the last run and notes a new one. The results stay,
// for what has not changed.
func (s *Store) Begin(run *Run) error {
	return s.update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{listBucket, keptBucket} {
			if err := tx.DeleteBucket(name); err != nil {
				return err
			}
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return put(tx, runBucket, runKey, run)
	})
}

// List adds repositories to the list, and notes how far that is.
func (s *Store) List(run *Run, repositories []*bulk.Repository) error {
	return s.update(func(tx *bbolt.Tx) error {
		for _, r := range repositories {
			if err := put(tx, listBucket, key(r.Name), r); err != nil {
				return err
			}
		}
		return put(tx, runBucket, runKey, run)
	})
}

// Finish notes that the run is done, and forgets what it knows of repositories
// that are not on the list any more.
func (s *Store) Finish(run *Run) error {
	return s.update(func(tx *bbolt.Tx) error {
		for _, name := range [][]byte{resultBucket, uploadedBucket} {
			if err := prune(tx.Bucket(name), tx.Bucket(listBucket)); err != nil {
				return err
			}
		}
		return put(tx, runBucket, runKey, run)
	})
}

// prune removes what is not on a list.
func prune(b, list *bbolt.Bucket) error {
	var gone [][]byte // a bucket must not change while it is walked
	cursor := b.Cursor()
	for k, _ := cursor.First(); k != nil; k, _ = cursor.Next() {
		if list.Get(k) == nil {
			gone = append(gone, bytes.Clone(k))
		}
	}
	for _, k := range gone {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// Save keeps the audits of repositories, by name.
func (s *Store) Save(results map[string]*Result) error {
	if len(results) == 0 {
		return nil
	}
	return s.update(func(tx *bbolt.Tx) error {
		for name, r := range results {
			if err := put(tx, resultBucket, key(name), r); err != nil {
				return err
			}
		}
		return nil
	})
}

// Keep notes something of a repository for the rest of the run.
func (s *Store) Keep(name string, data json.RawMessage) error {
	return s.update(func(tx *bbolt.Tx) error { return put(tx, keptBucket, key(name), data) })
}

// Kept gives what was noted of a repository in this run; nil for nothing.
func (s *Store) Kept(name string) (json.RawMessage, error) {
	var out json.RawMessage
	found, err := s.get(keptBucket, name, &out)
	if err != nil || !found {
		return nil, err
	}
	return out, nil
}

// SetUploaded notes the key of what was uploaded of a repository, also for later
// runs.
func (s *Store) SetUploaded(name, uploaded string) error {
	return s.update(func(tx *bbolt.Tx) error { return put(tx, uploadedBucket, key(name), uploaded) })
}

// Uploaded gives the key of what was uploaded of a repository last; empty for
// nothing.
func (s *Store) Uploaded(name string) (uploaded string, err error) {
	_, err = s.get(uploadedBucket, name, &uploaded)
	return uploaded, err
}

// Result gives the audit of a repository; nil where there is none.
func (s *Store) Result(name string) (*Result, error) {
	out := &Result{}
	found, err := s.get(resultBucket, name, out)
	if err != nil || !found {
		return nil, err
	}
	return out, nil
}

// Repository gives a repository of the list; nil for one that is not on it.
func (s *Store) Repository(name string) (*bulk.Repository, error) {
	out := &bulk.Repository{}
	found, err := s.get(listBucket, name, out)
	if err != nil || !found {
		return nil, err
	}
	return out, nil
}

// get reads what stands under a name, if there is anything.
func (s *Store) get(bucket []byte, name string, into any) (found bool, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		data := tx.Bucket(bucket).Get(key(name))
		if found = data != nil; !found {
			return nil
		}
		return unpack(data, into)
	})
	if err != nil {
		return false, s.explain(err)
	}
	return found, nil
}

// chunk is how many repositories are read in one transaction: one that is open
// for long keeps the file from being written.
const chunk = 256

// Repositories gives the list by name, as it is at the time of each step.
func (s *Store) Repositories() iter.Seq2[*bulk.Repository, error] {
	return func(yield func(*bulk.Repository, error) bool) {
		for after := []byte(nil); ; {
			var some []*bulk.Repository
			err := s.db.View(func(tx *bbolt.Tx) error {
				cursor := tx.Bucket(listBucket).Cursor()
				k, data := cursor.Seek(after)
				if after != nil && bytes.Equal(k, after) {
					k, data = cursor.Next()
				}
				for ; k != nil && len(some) < chunk; k, data = cursor.Next() {
					r := &bulk.Repository{}
					if err := unpack(data, r); err != nil {
						return err
					}
					some, after = append(some, r), bytes.Clone(k)
				}
				return nil
			})
			if err != nil {
				yield(nil, s.explain(err))
				return
			}
			for _, r := range some {
				if !yield(r, nil) {
					return
				}
			}
			if len(some) < chunk {
				return
			}
		}
	}
}

func (s *Store) update(change func(*bbolt.Tx) error) error {
	if err := s.db.Update(change); err != nil {
		return s.explain(err)
	}
	return nil
}

// key orders repositories by name, as GitHub takes it: without regard to case.
func key(name string) []byte { return []byte(strings.ToLower(name)) }

// put writes a value as JSON; all but the run is packed.
func put(tx *bbolt.Tx, bucket, k []byte, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if !bytes.Equal(bucket, runBucket) {
		if data, err = pack(data); err != nil {
			return err
		}
	}
	b := tx.Bucket(bucket)
	b.FillPercent = fill
	return b.Put(k, data)
}

// fill is how full pages are made: repositories come nearly in the order of
// their names, so that few have to be put between others.
const fill = 0.95

func pack(data []byte) ([]byte, error) {
	w := packers().Get().(*flate.Writer)
	defer packers().Put(w)
	var b bytes.Buffer
	w.Reset(&b)
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

// maxValue bounds the bytes of one value: a broken file shall not fill memory.
const maxValue = 1 << 30

func unpack(data []byte, into any) error {
	u := unpackers.Get().(*unpacker)
	defer unpackers.Put(u)
	u.packed.Reset(data)
	u.text.Reset()
	err := u.reader.(flate.Resetter).Reset(&u.packed, dictionary())
	if err == nil {
		_, err = u.text.ReadFrom(io.LimitReader(u.reader, maxValue))
	}
	if err != nil {
		return fmt.Errorf("it is broken: %w: remove it and start anew", err)
	}
	return json.Unmarshal(u.text.Bytes(), into)
}
