package github

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
)

// diskMagic begins every file of a DiskCache; the digits that follow are the
// SHA-256 sum of the data after the line.
const diskMagic = "patrol-cache 1 "

// maxDiskEntry bounds, in bytes, a file of a DiskCache.
const maxDiskEntry = maxCached + 64<<10

// DiskCache is a [Cache] in a folder, for the next run. It holds what the
// tokens may read, so nobody else may look: the folder has mode 0700, its files
// 0600. Several processes may use one folder.
type DiskCache struct {
	lock  sync.Mutex
	root  *os.Root
	limit int64
	size  int64
}

// OpenDiskCache opens or makes the cache in a folder, of at most limit bytes.
// When it is full, what is oldest goes first. The folder should hold nothing
// else; what it holds else is left alone.
func OpenDiskCache(folder string, limit int64) (*DiskCache, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the folder for the cache: %w", err)
	}
	info, err := os.Lstat(folder)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the folder for the cache: %w", err)
	case !info.IsDir():
		return nil, fmt.Errorf("the folder for the cache, %q, is a link or a file: name a folder", folder)
	case info.Mode().Perm()&0o077 != 0:
		if err := os.Chmod(folder, 0o700); err != nil {
			return nil, fmt.Errorf("the folder for the cache may be read by others: %w", err)
		}
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, fmt.Errorf("the folder for the cache: %w", err)
	}
	d := &DiskCache{root: root, limit: limit}
	d.lock.Lock()
	defer d.lock.Unlock()
	d.trim("")
	return d, nil
}

// Close ends the use of the folder.
func (d *DiskCache) Close() error { return d.root.Close() }

// fileOf is the name of a key's file. Keys are our own, but a name of a file
// is no place for trust.
func fileOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:]) + ".entry"
}

// Get gives what was put under a key. A file that is broken, too large or none
// counts as missing.
func (d *DiskCache) Get(key string) ([]byte, bool) {
	info, err := d.root.Lstat(fileOf(key))
	if err != nil || !info.Mode().IsRegular() {
		return nil, false
	}
	file, err := d.root.Open(fileOf(key))
	if err != nil {
		return nil, false
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxDiskEntry))
	if err != nil {
		return nil, false
	}
	head, body, ok := bytes.Cut(data, []byte("\n"))
	sum := sha256.Sum256(body)
	if !ok || string(head) != diskMagic+hex.EncodeToString(sum[:]) {
		return nil, false
	}
	return body, true
}

// Put keeps data under a key. Where it cannot be written it is not kept.
func (d *DiskCache) Put(key string, data []byte) {
	sum := sha256.Sum256(data)
	head := diskMagic + hex.EncodeToString(sum[:]) + "\n"
	if size := int64(len(head) + len(data)); size > maxDiskEntry || size > d.limit {
		return
	}
	d.lock.Lock()
	defer d.lock.Unlock()
	name := fileOf(key)
	// Another process may write the same entry at the same time.
	draft := fmt.Sprintf("%s.%d.draft", strings.TrimSuffix(name, ".entry"), os.Getpid())
	if err := d.write(draft, head, data); err != nil {
		_ = d.root.Remove(draft)
		return
	}
	if info, err := d.root.Lstat(name); err == nil {
		d.size -= info.Size()
	}
	if err := d.root.Rename(draft, name); err != nil {
		_ = d.root.Remove(draft)
		return
	}
	if d.size += int64(len(head) + len(data)); d.size > d.limit {
		d.trim(name)
	}
}

// write writes a new file that only its owner may read.
func (d *DiskCache) write(name, head string, data []byte) error {
	file, err := d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		_ = d.root.Remove(name) // left by a process that was killed
		file, err = d.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(head)
	_, err2 := file.Write(data)
	return errors.Join(err, err2, file.Close())
}

// trim counts what is there and, where it is too much, removes the oldest
// files until a tenth of the room is free. The salt and one more file stay.
func (d *DiskCache) trim(keep string) {
	entries, err := fs.ReadDir(d.root.FS(), ".")
	if err != nil {
		return
	}
	var files []fs.FileInfo
	d.size = 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".entry") && !strings.HasSuffix(e.Name(), ".draft") {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			files = append(files, info)
			d.size += info.Size()
		}
	}
	if d.size <= d.limit {
		return
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	for _, file := range files {
		if d.size <= d.limit-d.limit/10 {
			return
		}
		if file.Name() != keep && file.Name() != fileOf(saltKey) && d.root.Remove(file.Name()) == nil {
			d.size -= file.Size()
		}
	}
}
