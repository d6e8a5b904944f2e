package script

import "testing"

func TestAsksOnly(t *testing.T) {
	javaScript := map[string]bool{
		"const a = process.env.A || 'b'; if (process.env['C'] === 'd') run(process.argv)": true,
		"const { spawn } = require('child_process'); const c = require('./config')":       true,
		"process.env.A = 'b'":                            false,
		"process.env.A ??= 'b'":                          false,
		"process.env[name] = 'b'":                        false,
		"Object.assign(process.env, all)":                false,
		"const { env } = process":                        false,
		"const env = process.env":                        false,
		"import { env } from 'node:process'":             false,
		"import 'dotenv/config'":                         false,
		"const { loadEnvConfig } = require('@next/env')": false,
		"delete process.env.A":                           true, // as one that is empty
	}
	for source, want := range javaScript {
		if got := asksOnly(source, javaScriptAsks, javaScriptSets); got != want {
			t.Errorf("%s: %v", source, got)
		}
	}
	python := map[string]bool{
		"import os\na = os.environ.get('A', 'b')\nc = os.getenv('C') or os.environ['D']": true,
		"os.environ['A'] = 'b'":               false,
		"os.environ.update(all)":              false,
		"os.environ.setdefault('A', 'b')":     false,
		"from os import environ":              false,
		"env = os.environ":                    false,
		"os.putenv('A', 'b')":                 false,
		"from dotenv import load_dotenv":      false,
		"import environs":                     false,
		"exec(open('a').read())":              false,
		"if os.environ.get('A') == 'b': pass": true,
	}
	for source, want := range python {
		if got := AsksOnly(source); got != want {
			t.Errorf("%s: %v", source, got)
		}
	}
}
