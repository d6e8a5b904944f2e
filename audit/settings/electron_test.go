package settings

import (
	"io/fs"
	"strings"
	"testing"
)

// TestElectronProviders checks where electron-builder publishes to.
func TestElectronProviders(t *testing.T) {
	for _, c := range []struct {
		files    map[string]string
		all, own string
		known    bool
	}{
		{map[string]string{"package.json": `{"build": {"mac": {"publish": [{"provider": "generic"}]}, "win": {"publish": "s3"}, "linux": {"publish": null}}}`}, "none generic s3", "none generic s3", true},
		{map[string]string{"package.json": `{"build": {"mac": {"publish": [{"provider": "generic"}]}}}`}, "github github generic", "generic", true},
		{map[string]string{"package.json": `{}`}, "github", "", true},
		{map[string]string{"package.json": `{}`, "electron-builder.yml": "publish: {provider: s3}\n"}, "s3 s3 s3", "", true},
		{map[string]string{"electron-builder.yml": "publish: null\nsnap: {publish: [github]}\n"}, "none none none github", "github", true},
		{map[string]string{"package.json": `{"build": {"extends": "x", "publish": "s3"}}`}, "", "", false},
		{map[string]string{"package.json": `{"build": {"publish": {"provider": "custom"}}}`}, "", "", false},
		{map[string]string{"electron-builder.js": "module.exports = {publish: 's3', mac: require('./mac')}"}, "", "", false},
		{map[string]string{}, "", "", false},
	} {
		all, own, known := ElectronProviders("", func(name string) ([]byte, error) {
			if text, ok := c.files[name]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		})
		if known != c.known || known && (strings.Join(all, " ") != c.all || strings.Join(own, " ") != c.own) {
			t.Errorf("%v: %q, %q, %v", c.files, all, own, known)
		}
	}
}
