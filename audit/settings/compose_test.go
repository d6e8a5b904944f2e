package settings

import "testing"

func TestComposeService(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"list", "services:\n  b:\n    environment: [A=1, \"T=${TOKEN}\"]\n  a:\n    image: x", "b"},
		{"mapping", "services:\n  b:\n    environment:\n      T: ${TOKEN:-none}", "b"},
		{"plain", "services:\n  b:\n    environment:\n      T: x$TOKEN", "b"},
		{"alone in a list", "services:\n  b:\n    environment: [TOKEN]", "b"},
		{"alone in a mapping", "services:\n  b:\n    environment:\n      TOKEN:", "b"},
		{"file", "services:\n  b:\n    env_file: ./app/.env", "b"},
		{"files", "services:\n  b:\n    env_file:\n      - path: .env\n        required: false", "b"},
		{"other variable", "services:\n  b:\n    environment: [\"T=${TOKENS}\", U=$TOKENS, TOKEN=1]", ""},
		{"value of that name", "services:\n  b:\n    environment:\n      T: TOKEN", ""},
		{"dollar", "services:\n  b:\n    environment: [\"T=$${TOKEN}\"]", ""},
		{"other file", "services:\n  b:\n    env_file: build.env", ""},
		{"build", "services:\n  b:\n    build:\n      args: [TOKEN]", ""},
		{"no mapping", "- services", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := ComposeService([]byte(test.source), "TOKEN", ".env"); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	for name, want := range map[string]bool{"compose.yaml": true, "a/docker-compose.prod.yml": true, "compose.prod.yaml": true, "composer.json": false, "my-compose.yml": false} {
		if IsCompose(name) != want {
			t.Errorf("%s: want %t", name, want)
		}
	}
}
