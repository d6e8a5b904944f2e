package shell

import "testing"

var powerShellCases = []scriptCase{
	{"words", "gh pr list `\n  --label \"a b\" 'c $d' -Name:x; gh b # no\n<# gh c #>", `
gh pr list --label "a b" "c $d" -Name:x
gh b`},
	{"variables", "$t = $env:TOKEN\n$u = \"x-$t`n${t}\"\ngh $u $env:NONE $none", "gh \"x-${{ secrets.PAT }}\\n${{ secrets.PAT }}\" $env:NONE $none"},
	{"environment", "$env:GH_TOKEN = \"${{ secrets.PAT }}\"\ngh a\n$Env:GH_TOKEN = ''\ngh b", `
gh a GH_TOKEN=${{ secrets.PAT }}
gh b GH_TOKEN=`},
	{"hash table", "$h = @{ Authorization = \"token ${{ secrets.PAT }}\"; Accept = 'x' }\nInvoke-RestMethod -Uri https://api.github.com/user -Headers $h -Method Get", `
Invoke-RestMethod -Uri https://api.github.com/user -Headers "@{Authorization=token ${{ secrets.PAT }}; Accept=x}" -Method Get`},
	{"hash table in place", "irm -Headers @{\n  Authorization = \"Bearer $env:TOKEN\"\n  Accept = 'x'\n} https://x", `
irm -Headers "@{Authorization=Bearer ${{ secrets.PAT }}; Accept=x}" https://x`},
	{"splatting", "$p = @{ Uri = 'https://x'; Headers = @{ Authorization = \"token $env:TOKEN\" } }\nInvoke-RestMethod @p\n$a = @('pr', 'list')\ngh @a", `
Invoke-RestMethod -Uri https://x -Headers "@{Authorization=token ${{ secrets.PAT }}}"
gh pr list`},
	{"member assignment", "$h = @{}\n$h.Authorization = \"token $env:TOKEN\"\n$h['Accept'] = 'x'\nirm x -Headers $h; gh $h.Accept", `
irm x -Headers "@{Authorization=token ${{ secrets.PAT }}; Accept=x}"
gh x`},
	{"base64", "$b = [Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes(\":$env:TOKEN\"))\ngh $b", `
gh "[Convert]::ToBase64String([Text.Encoding]::ASCII.GetBytes(\":$env:TOKEN\"))${{ secrets.PAT }}"`},
	{"here-string", "$b = @\"\nx $env:TOKEN \"quoted\"\ny\n\"@\ngh $b\n$c = @'\n$env:X\n'@\ngh $c", `
gh "x ${{ secrets.PAT }} \"quoted\"\ny"
gh $env:X`},
	{"pipeline", "$env:TOKEN | gh auth login --with-token\necho $env:TOKEN |\n  docker login --password-stdin", `
gh auth login --with-token < "${{ secrets.PAT }}"
echo ${{ secrets.PAT }}
docker login --password-stdin < "${{ secrets.PAT }}"`},
	{"substitution", "$n = gh pr list --json number\ngh pr close $n \"$(gh x | Select-Object -First 1)\" (gh y)", `
gh pr list --json number to=n
gh x
gh y
gh pr close $(gh pr list --json number) $(gh x | Select-Object -First 1) $(gh y)`},
	{"call operator", "& gh pr list\n& \"C:\\Program Files\\x.exe\" a\n. ./lib.ps1\n& $exe b", `
gh pr list
"C:\\Program Files\\x.exe" a
./lib.ps1
$exe b`},
	{"blocks", "if ($a -eq 'x') { $t = 1; gh a } elseif (gh c) { $t = 2 } else { $t = 3 }\ngh $t\nforeach ($r in @('a', 'b')) { gh -R $r }\ntry { gh d } catch [X] { gh e } finally { gh f }", `
? gh a
? gh c
gh 1|2|3
? gh -R a|b
gh d
? gh e
gh f`},
	{"other blocks", "switch ($x) { 'a' { gh a } default { gh b } }\nwhile ($true) { gh c; break }\n1..3 | ForEach-Object { gh d $_ }\ngh x | Where-Object { $_ -match 'y' } | % { gh z $_ }", `
? gh a
? gh b
? gh c
? gh d $_
gh x
? gh z $_`},
	{"function", "function Push-It($Repo, [string]$Token = 'x') {\n  gh -R $Repo $Token\n}\nPush-It a/b -Token $env:TOKEN\nfunction Never { param([string]$P)\n gh $P }", `
gh -R a/b ${{ secrets.PAT }}
? gh $P`},
	{"scopes", "$a = 1\nfunction f($x = 'd') { $a = 2; $script:b = $x; $env:E = 3 }\nf\ngh $a $b $env:E\n& { $a = 4 }\n. { $b = 5 }\ngh $a $b", `
gh 1 d 3
gh 1 5`},
	{"list that may be longer", "$l = @('a')\nif ($x) { $l += 'b' }\ngh @l", `
gh a b
? gh a`},
	{"left early", "$a = 1\nforeach ($x in $y) { if ($z) { $a = 2; break } }\ntry { $b = 1; no } catch { $b = 2 }\ngh $a $b", `
no
gh 1|2 1|2`},
	{"items", "Set-Item env:A 1\nsi -Path Env:\\B -Value 2\n'3' > env:C\n[Environment]::SetEnvironmentVariable('D' + 'E', '4', 'Process')\ngh $env:A $env:B $env:C $env:DE", `gh 1 2 3 4`},
	{"expressions", "$u = 'https://' + $env:TOKEN + '@x'\n$f = '{0}/{1}' -f 'a', $env:TOKEN\n$j = 'a','b' -join ','\n$r = 'a-b' -replace '-', '_'\n$l = 'AB'.ToLower().Trim()\ngh $u $f $j $r $l ($x + 1)", `
gh https://${{ secrets.PAT }}@x a/${{ secrets.PAT }} a,b a_b ab $x1`},
	{"conditional value", "$x = if ($a) { 'b' } else { $env:TOKEN }\ngh $x", `gh b|${{ secrets.PAT }}`},
	{"environment file", "\"A=b\" >> $env:GITHUB_ENV\necho \"T=$env:TOKEN\" >> $env:GITHUB_ENV\n\"X=$(gh a)\" | Out-File -FilePath $env:GITHUB_OUTPUT -Encoding utf8 -Append\nAdd-Content -Path $env:GITHUB_OUTPUT -Value \"Y=z\"\nAdd-Content $env:GITHUB_OUTPUT 'W=v'", `
echo A=b >> ${{ github.env }}
echo T=${{ secrets.PAT }} >> ${{ github.env }}
gh a
Out-File -FilePath ${{ github.output }} -Encoding utf8 -Append < "X=$(gh a)" >> ${{ github.output }}
Add-Content -Path ${{ github.output }} -Value Y=z >> ${{ github.output }}
Add-Content ${{ github.output }} W=v >> ${{ github.output }}
env A="b"
env T="${{ secrets.PAT }}"
output W="v"
output X="$(gh a)"
output Y="z"`},
	{"workflow commands", "Write-Host \"::set-output name=x::$env:TOKEN\"\nWrite-Output '::set-env name=Y::z'", `
Write-Host "::set-output name=x::${{ secrets.PAT }}"
Write-Output "::set-env name=Y::z"
env Y="z"
output x="${{ secrets.PAT }}"`},
	{"files", "Set-Content -Path \"$HOME\\.npmrc\" -Value \"token=$env:TOKEN\"\n[IO.File]::WriteAllText('a.txt', $env:TOKEN)\n$x = Get-Content a.txt\ngh $x > out.txt", `
Set-Content -Path $HOME\.npmrc -Value token=${{ secrets.PAT }} > $HOME/.npmrc
echo ${{ secrets.PAT }} > a.txt
Get-Content a.txt to=x
gh ${{ secrets.PAT }} > out.txt
file a.txt="${{ secrets.PAT }}"
file out.txt="$(gh $x)\n"
file ~/.npmrc="token=${{ secrets.PAT }}\n"`},
	{"files of folders", "Copy-Item x\\* y -Recurse -Force\nGet-ChildItem z -Filter *.md | Where-Object { $_ } | ForEach-Object { Set-Content -Path $_.FullName -Value 'a' }\nRemove-Item a, b\nRename-Item c/d.md e.md\nforeach ($f in Get-ChildItem $env:NONE) { 'b' > $f }", `
cp -r x/* y
? Set-Content -Path $(Get-ChildItem z -Filter *.md | Where-Object { $_ }) -Value a > $(Get-ChildItem z -Filter *.md | Where-Object { $_ })
rm a b
mv c/d.md c/e.md
? echo b > $(Get-ChildItem $env:NONE)
file $(Get-ChildItem $env:NONE)="b\n"
file $(Get-ChildItem z -Filter *.md | Where-Object { $_ })="a\n"
file c/e.md="$(< c/d.md)"`},
	{"folders", "cd a\\b\ngh 1\nPush-Location ..\ngh 2\nPop-Location\ngh 3", `
gh 1 dir=a/b
gh 2 dir=a
gh 3 dir=a/b`},
	{"inner shells", "bash -c 'gh $TOKEN'\npwsh -Command \"gh a\"\ncmd /c \"gh b\"\nInvoke-Expression 'gh c'\nStart-Process gh -ArgumentList 'd', 'e' -Wait", `
gh ${{ secrets.PAT }}
gh a
gh b
gh c
gh d e`},
	{"method with a token", "$c = New-Object Net.WebClient\n$c.Headers.Add('Authorization', \"token $env:TOKEN\")", `
New-Object Net.WebClient to=c
$c.Headers.Add Authorization "token ${{ secrets.PAT }}"`},
	{"expressions of the workflow", "$x = ${{ inputs.count }}\n${{ github.workspace }}/a.ps1 ${{ secrets.PAT }}\nif ('${{ inputs.a }}' -eq 'b') { gh $x }\n7z x a", `
${{ github.workspace }}/a.ps1 ${{ secrets.PAT }}
? gh ${{ inputs.count }}
7z x a`},
	{"null and redirects", "$null = gh a\ngh b 2>&1 | Out-Null\ngh c *> $null\n[void](gh d)", `
gh a to=null
gh b
gh c
gh d`},
	{"operators", "$l = @('a') + 'b' + @('c')\n$h = @{a='1'} + @{b=$env:TOKEN}\n$s = -join @('x', $env:TOKEN)\n$n = -not $x\n$q = $u ?? $env:TOKEN\n$t = $a ? 'y' : 'z'\n$i = $l[1]\ngh @l $h.b $s $n $q $t $i ($env:TOKEN -split ',') ($env:TOKEN -eq 'x')", `
gh a b c ${{ secrets.PAT }} x${{ secrets.PAT }} "-not $x" $u|${{ secrets.PAT }} y|z b "$env:TOKEN -split ','${{ secrets.PAT }}" "$env:TOKEN -eq 'x'"`},
	{"several at once", "$a, $b = 'x', $env:TOKEN\n$c = 1\n$c += 2\n$c -= 1\n$d ??= 'y'\ngh $a $b $c $d", `
gh x ${{ secrets.PAT }} $c $d|y`},
	{"variables by cmdlet", "Set-Item -Path Env:GH_TOKEN -Value $env:TOKEN\ngh a\nRemove-Item Env:GH_TOKEN\ngh b\nSet-Variable -Name v -Value 'c'\ngh $v (Join-Path a 'b')\n[Environment]::SetEnvironmentVariable('GH_TOKEN', 'e')\ngh d ([Environment]::GetEnvironmentVariable('TOKEN'))", `
gh a GH_TOKEN=${{ secrets.PAT }}
gh b GH_TOKEN=
gh c a/b GH_TOKEN=
gh d ${{ secrets.PAT }} GH_TOKEN=e`},
	{"Start-Process", "Start-Process -FilePath gh -ArgumentList \"pr list $env:TOKEN\" -NoNewWindow\n$a = @('x', 'y')\nStart-Process gh $a", `
gh pr list ${{ secrets.PAT }}
gh x y`},
	{"Invoke-Expression", "iex \"gh pr list $env:TOKEN\"\niex $unknown\nirm https://x | iex", `
gh pr list ${{ secrets.PAT }}
iex $unknown
irm https://x
iex < "$(irm https://x)"`},
	{"escapes", "gh \"a`\"b`$c \"\"d`t\" 'e''f' g`h", "gh \"a\\\"b$c \\\"d\\t\" \"e'f\" gh"},
	{"elements of a pipeline", "\"o/a\", 'o/b' | ForEach-Object { gh -R $_ }\n$l = @(\n'o/c'\n'o/d'\n)\n$l | % -Parallel { gh -R \"$_\" }\n$l | Where-Object { $_ -ne 'x' } | Sort-Object | foreach { $r = $PSItem; gh -R $r.Trim() }\n$l.ForEach({ gh -R $_ })\n$l.Where({ $_ })[0] | % { gh -R $_ }", `
? gh -R o/a|o/b
? gh -R o/c|o/d
? gh -R o/c|o/d
? gh -R o/c|o/d
? gh -R o/c|o/d`},
	{"properties and one of a pipeline", "'o/a','o/b' | Select-Object -Property Name | % { gh -R $_ }\n'o/a' | % { gh -R $_ }", `
? gh -R $_
? gh -R o/a`},
	{"index of a list", "$l = 'a','b','c'\nfor ($i = 0; $i -lt $l.Length; $i++) { gh $l[$i] }\ngh $l[1] $l[-1] $l[$n]", `
? gh a|b|c
gh b c a|b|c`},
	{"counters of loops", "$l = 'a','b'; $n = 0; $k = 1; $x = 'p,q'\nwhile ($n -lt 2) { gh $l[$n] $l[$k]; $n++; $y = $x }\ndo { gh $l[$k] $x; $k = $k - 1; $x = $x.Substring(2) } until ($k -lt 0)", `
? gh a|b b
gh a|b p,q|$x.Substring(2)`},
	{"escapes of names", "gh \"${env:TOKEN}x $($env:TOKEN.Trim()) $env:TOKEN: $(1 + 1)\"", `
gh "${{ secrets.PAT }}x ${{ secrets.PAT }} ${{ secrets.PAT }}: 1 + 1"`},
	{"Tee-Object", "gh x | Tee-Object -Variable v | Out-Null\ngh $v\n$env:TOKEN | Tee-Object -FilePath t.txt\nNew-Item -Path d -ItemType Directory\nNew-Item -Path f.txt -Value $env:TOKEN", `
gh x
Tee-Object -Variable v < "$(gh x)"
gh $(gh x)
Tee-Object -FilePath t.txt < "${{ secrets.PAT }}" > t.txt
New-Item -Path d -ItemType Directory
New-Item -Path f.txt -Value ${{ secrets.PAT }} > f.txt
file f.txt="${{ secrets.PAT }}\n"
file t.txt="${{ secrets.PAT }}\n"`},
	{"unclosed string", "gh a\ngh \"b ${{ secrets.PAT }}", `
gh a
gh "b ${{ secrets.PAT }}"
problem 8: the script does not parse: a string is not closed`},
	{"tables in a list", "$l = @(@{ Uri = 'https://x' }, @{ Uri = 'https://y' })\nforeach ($c in $l) { irm @c }\nirm $l[1].Uri", `
? irm -Uri https://x
? irm -Uri https://y
irm https://y`},
	{"unclosed block", "if ($x) {\n  gh ${{ secrets.PAT }}", `
? gh ${{ secrets.PAT }}
problem 8: the script does not parse: a bracket is not closed`},
}

func TestPowerShell(t *testing.T) { runCases(t, PowerShell, powerShellCases) }

var batchCases = []scriptCase{
	{"lines", "@echo off\nrem gh no\nset GH_TOKEN=${{ secrets.PAT }}\ngh pr list --label \"a b\" && gh b | gh c\ncall gh d ^\n  e", `
echo off
gh pr list --label "a b" GH_TOKEN=${{ secrets.PAT }}
gh b GH_TOKEN=${{ secrets.PAT }}
gh c GH_TOKEN=${{ secrets.PAT }}
gh d e GH_TOKEN=${{ secrets.PAT }}`},
	{"variables", "set \"X=a b\"\ngh %X% %TOKEN% %NONE% 100%\ncd sub\\x\ngh 1", `
gh "a b" ${{ secrets.PAT }} %NONE% 100%
gh 1 dir=sub/x`},
	{"files", "echo A=%TOKEN%>> %GITHUB_ENV%\necho x > \"%GITHUB_OUTPUT%\"\nif exist a gh b > nul", `
echo A=${{ secrets.PAT }} >> ${{ github.env }}
echo x > ${{ github.output }}
? gh b
env A="${{ secrets.PAT }}"`},
}

func TestBatch(t *testing.T) { runCases(t, Cmd, batchCases) }
