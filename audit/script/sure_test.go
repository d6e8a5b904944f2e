package script

import "testing"

func TestPerhaps(t *testing.T) {
	for source, sure := range map[string]bool{
		"core.setOutput('a', 1)":                                                 true,
		"if (x) core.setOutput('a', 1)":                                          false,
		"if (x) { core.setOutput('a', 1) } else { core.setOutput('a', 2) }":      true,
		"if (x) core.setOutput('a', 1); else if (y) core.setOutput('a', 2)":      false,
		"if (x) return\ncore.setOutput('a', 1)":                                  false,
		"function f() { if (x) return 1 }\nf()\ncore.setOutput('a', 1)":          true,
		"const f = () => { core.setOutput('a', 1) }\nf()":                        true,
		"const f = () => { if (x) return\ncore.setOutput('a', 1) }\nf()":         false,
		"for (const x of xs) core.setOutput('a', x)":                             false,
		"try { core.setOutput('a', 1) } catch (e) { core.setFailed(e.message) }": true,
		"x && core.setOutput('a', 1)":                                            false,
		"core.setOutput('a', 1)\nif (x) core.setOutput('a', 2)":                  true,
	} {
		r := Read(Input{Source: source, GitHubScript: true})
		if _, set := r.Outputs["a"]; !set || r.PerhapsOutputs["a"] == sure {
			t.Errorf("%s: %v, perhaps %v", source, r.Outputs, r.PerhapsOutputs)
		}
	}
}
