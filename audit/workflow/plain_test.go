package workflow

import "testing"

func TestWrittenBack(t *testing.T) {
	for in, want := range map[string]string{
		"True": "true", "FALSE": "false", "yes": "yes", "null": "", "~": "", "nullable": "nullable",
		"1.0": "1", "3.10": "3.1", "007": "7", "+4": "4", "-2.50": "-2.5", ".5": "0.5", "1.": "1", "1.2.3": "1.2.3",
		"0x10": "16", "0o17": "15", "1e3": "1000", "1E-5": "1E-05", "0.0001": "0.0001", "1e15": "1E+15", "999999999999999": "999999999999999",
		"12345678901234567": "1.23456789012346E+16", ".inf": "Infinity", "0": "0", "2024-01-02": "2024-01-02", "1_000": "1_000", "v1.0": "v1.0", "-": "-", ".": ".",
	} {
		if got := writtenBack(in); got != want {
			t.Errorf("%s becomes %q, want %q", in, got, want)
		}
	}
}
