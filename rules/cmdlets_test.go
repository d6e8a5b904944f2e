package rules

import "testing"

func TestQuietCmdlet(t *testing.T) {
	for name, want := range map[string]bool{
		"Get-Random": true, "get-random": true, "select": true, "GCI": true, "Set-Content": true,
		"Invoke-RestMethod": false, "Invoke-WebRequest": false, "Invoke-Expression": false, "Start-Process": false, "Add-Type": false, "Invoke-Command": false, "gh": false, "": false,
	} {
		if got := QuietCmdlet(name); got != want {
			t.Errorf("QuietCmdlet(%q) = %v, want %v", name, got, want)
		}
	}
}

func TestCmdletName(t *testing.T) {
	for name, want := range map[string]string{"SI": "set-item", "Set-Item": "set-item", "Gh": "gh", "": ""} {
		if got := CmdletName(name); got != want {
			t.Errorf("CmdletName(%q) = %q, want %q", name, got, want)
		}
	}
}
