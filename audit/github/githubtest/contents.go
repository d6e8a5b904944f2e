package githubtest

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
)

// contents answers with a file, or with the entries of a folder.
func contents(c *call) answer {
	x := c.refs()
	if len(x.commitOf) == 0 {
		return failure(http.StatusNotFound, "This repository is empty.")
	}
	ref := c.query().Get("ref")
	sha, found := x.find(ref)
	if !found {
		return failure(http.StatusNotFound, "No commit found for the ref "+ref)
	}
	e, found := x.lookup(x.commits[sha].tree, c.params["path"])
	if !found {
		return notFound()
	}
	if e.kind == "blob" {
		return c.file(x, e)
	}
	entries := x.trees[e.sha]
	out := make([]Object, len(entries))
	for i, child := range entries {
		child.path = path.Join(c.params["path"], child.path)
		out[i] = c.contentObject(child)
	}
	return ok(out)
}

func (c *call) contentObject(e entry) Object {
	escaped := (&url.URL{Path: e.path}).EscapedPath()
	self := c.repoURL() + "/contents/" + escaped
	o := shape("content-file", Object{
		"type": map[string]string{"blob": "file", "tree": "dir"}[e.kind], "name": path.Base(e.path), "path": e.path, "sha": e.sha,
		"size": e.size, "url": self, "git_url": c.repoURL() + "/git/" + e.kind + "s/" + e.sha, "html_url": c.webURL() + "/" + e.kind + "/" + c.repo.branch() + "/" + escaped,
		"download_url": nil, "_links": Object{"self": self, "git": c.repoURL() + "/git/" + e.kind + "s/" + e.sha, "html": c.webURL()},
	})
	delete(o, "content")
	delete(o, "encoding")
	return o
}

// file answers with a file's content, which is left out over 1 MB, and only
// there raw up to 100 MB.
func (c *call) file(x refs, e entry) answer {
	content := x.blobs[e.sha]
	if raw(c.r) {
		return rawAnswer(content)
	}
	o := c.contentObject(e)
	o["content"], o["encoding"] = base64Lines(content), "base64"
	if len(content) > 1<<20 {
		o["content"], o["encoding"] = "", "none"
	}
	return ok(o)
}

func readme(c *call) answer {
	x := c.refs()
	sha, found := x.find(c.query().Get("ref"))
	if !found {
		return notFound()
	}
	if e, found := x.lookup(x.commits[sha].tree, "README.md"); found {
		return c.file(x, e)
	}
	return notFound()
}

// archive redirects to the other host, which serves the archive to whoever
// has the address.
func archive(c *call) answer {
	kind := "tar.gz"
	if strings.Contains(c.endpoint.Path, "/zipball") {
		kind = "zip"
	}
	ref := orElse(c.params["ref"], c.repo.branch())
	if _, found := c.refs().find(ref); !found {
		return notFound()
	}
	return redirect(http.StatusFound, c.s.StorageURL+"/"+c.repo.FullName()+"/legacy."+kind+"/"+ref+"?token="+BlobID(c.repo.FullName() + ref)[:16])
}

// tarball is the archive of a ref: all files below a folder OWNER-NAME-SHA.
func tarball(r *Repository, x refs, ref string) ([]byte, bool) {
	sha, found := x.find(ref)
	if !found {
		return nil, false
	}
	var buffer bytes.Buffer
	zipped := gzip.NewWriter(&buffer)
	archive := tar.NewWriter(zipped)
	dir := r.Owner + "-" + r.Name + "-" + sha[:7] + "/"
	archive.WriteHeader(&tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: map[string]string{"comment": sha}})
	archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755})
	x.walk(x.commits[sha].tree, "", func(e entry) {
		if e.kind == "tree" {
			archive.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir + e.path + "/", Mode: 0o755})
			return
		}
		archive.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: dir + e.path, Mode: 0o644, Size: int64(e.size)})
		archive.Write([]byte(x.blobs[e.sha]))
	})
	archive.Close()
	zipped.Close()
	return buffer.Bytes(), true
}

// serveStorage is the other host: archives and logs for whoever has their
// address. A token has no business there, as on GitHub, where the host is
// another company's.
func (s *Server) serveStorage(w http.ResponseWriter, r *http.Request) {
	e := Exchange{Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery, Host: "storage"}
	a := s.storage(r)
	if value := credential(r); value != "" {
		e.Token = "?"
		if t := s.index.tokens[value]; t != nil {
			e.Token = t.Name
		}
		a = answer{status: http.StatusBadRequest, body: []byte("Authentication information is not given in the correct format.")}
	}
	e.Status = a.status
	s.record(e)
	a.write(w)
}

func (s *Server) storage(r *http.Request) answer {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 3 || r.URL.Query().Get("token") == "" {
		return answer{status: http.StatusNotFound, body: []byte("404: Not Found")}
	}
	repo := s.index.repo(parts[0] + "/" + parts[1])
	if repo == nil {
		return answer{status: http.StatusNotFound, body: []byte("404: Not Found")}
	}
	name := strings.Join(parts[3:], "/")
	switch parts[2] {
	case "legacy.tar.gz":
		if data, ok := tarball(repo, s.refs(repo), name); ok {
			return file(data, "application/x-gzip")
		}
	case "job":
		if text, ok := repo.log(name); ok {
			return file([]byte(text), "text/plain")
		}
	case "run":
		if data, ok := repo.logs(name); ok {
			return file(data, "application/zip")
		}
	}
	return answer{status: http.StatusNotFound, body: []byte("404: Not Found")}
}

func file(data []byte, kind string) answer {
	a := answer{status: http.StatusOK, body: slices.Clip(data)}
	a.head().Set("Content-Type", kind)
	return a
}
