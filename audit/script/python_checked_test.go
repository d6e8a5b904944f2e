package script

import "testing"

func TestPythonChecked(t *testing.T) {
	for source, want := range map[string]bool{
		"import subprocess\nsubprocess.run(['git', 'pull'], check=True)\n":                    true,
		"import subprocess\nsubprocess.check_call(['git', 'pull'])\n":                         true,
		"import subprocess\nsubprocess.run(['git', 'pull'])\n":                                false,
		"import subprocess\nsubprocess.call(['git', 'pull'])\n":                               false,
		"import os\nos.system('git pull')\n":                                                  false,
		"import subprocess, sys\nif sys.argv:\n    subprocess.check_call(['git', 'pull'])\n":  false,
		"import subprocess\ntry:\n    subprocess.check_call(['git'])\nexcept OSError: pass\n": false,
	} {
		calls := ReadPython(Input{Source: source}).Calls
		if len(calls) != 1 || (calls[0].Forgiven == 0) != want {
			t.Errorf("%q: %d calls, want one that is checked: %v", source, len(calls), want)
		}
	}
}
