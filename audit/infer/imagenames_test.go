package infer

import (
	"testing"

	"github.com/patrol-actions/patrol/audit/value"
)

func TestLiesElsewhere(t *testing.T) {
	for word, want := range map[string]bool{
		"alpine":                          true,
		"user/app":                        true,
		"user/app:" + openPart:            true,
		"alpine:" + openPart:              true,
		"quay.io/" + openPart:             true,
		openPart:                          false,
		openPart + "/app":                 false,
		"app" + openPart:                  false,
		"docker-image://" + openPart:      false,
		"docker://quay.io/" + openPart:    true,
		"--tag=" + openPart:               false,
		"--tag=user/" + openPart:          true,
		"type=" + openPart:                true,
		"ref=" + openPart:                 false,
		"name=user/app:" + openPart:       true,
		"scope=" + openPart:               true,
		"--cache-to=ref=" + openPart:      false,
		openPart + "=user/app":            false,
		"--build-arg=VERSION=" + openPart: true,
	} {
		if got := liesElsewhere(word); got != want {
			t.Errorf("%q: %t, want %t", word, got, want)
		}
	}
}

func TestActionTells(t *testing.T) {
	for name, want := range map[string]bool{
		"meadow/push-action":         true,
		"meadow/push-package-action": false,
		"meadow/docker-build-push":   false,
		"meadow/push-to-ecr":         false,
		"meadow/push-metrics":        false,
		"meadow/push-s3":             false,
		"meadow/release-push-image":  true,
		"meadow/publish-package":     true,
		"meadow/setup-action":        false,
		"meadow/package-action":      false,
	} {
		if got := actionTells(name); got != want {
			t.Errorf("%s: %t, want %t", name, got, want)
		}
	}
}

func TestNamesFolder(t *testing.T) {
	for text, want := range map[string]bool{
		"site": true, "./site": true, "site/docs/a.md": true, "a b ./site/": true, "/home/x/site": true, "path=site": true,
		"sites": false, "my-site": false, "": false, "https://site.example": false,
	} {
		if got := namesFolder(value.Text(text), "site"); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}
