package shell

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/patrol-actions/patrol/audit/value"
)

var bashCases = []scriptCase{
	{"words", `gh pr   list \
  --label "a b" 'c $d' e\ f $'g\th' ""`, `gh pr list --label "a b" "c $d" "e f" g	h ""`},
	{"expression", `gh api repos/${{ github.repository }}/issues -H "Authorization: token ${{ secrets.PAT }}"`,
		`gh api repos/${{ github.repository }}/issues -H "Authorization: token ${{ secrets.PAT }}"`},
	{"unset variable", `gh pr view $NUMBER "${OTHER}"`, `gh pr view $NUMBER $OTHER`},
	{"assignment", `T=$TOKEN; U="x-$T"; gh $U`, `gh x-${{ secrets.PAT }}`},
	{"splitting", `ARGS="--title x --body y"; gh pr create $ARGS "$ARGS"`, `gh pr create --title x --body y "--title x --body y"`},
	{"empty word", `E=; gh pr $E list "$E"`, `gh pr list ""`},
	{"expression splits", `gh pr create ${{ '--draft --fill' }}`, `gh pr create --draft --fill`},
	{"inline environment", `GH_TOKEN=${{ secrets.PAT }} gh pr list; gh pr list`, `
gh pr list GH_TOKEN=${{ secrets.PAT }}
gh pr list`},
	{"export", `GH_TOKEN=a; gh a; export GH_TOKEN; gh b; GH_TOKEN=c; gh c; unset GH_TOKEN; gh d`, `
gh a
gh b GH_TOKEN=a
gh c GH_TOKEN=c
gh d GH_TOKEN=`},
	{"export value", `export A=1 GH_TOKEN="${{ secrets.PAT }}"; gh a`, `gh a GH_TOKEN=${{ secrets.PAT }}`},
	{"declare -x", `declare -x GH_TOKEN=a; gh a`, `gh a GH_TOKEN=a`},
	{"set -a", `set -a; GH_TOKEN=a; set +a; gh a`, `gh a GH_TOKEN=a`},
	{"environment stays exported", `TOKEN=b; sh -c 'gh $TOKEN'`, `gh b`},

	{"path of a program's name", `./time gh a; bin/time gh b; /usr/bin/time gh c`, `
./time gh a
gh b
gh c`},
	{"agent", `ssh-agent gh a; ssh-agent -s`, `
gh a
ssh-agent -s`},
	{"alias of git", `git config alias.up push; git -C w up --tags; git config alias.sh '!gh a'; git sh b; git down`, `
git config alias.up push
git -C w push --tags
git config alias.sh "!gh a"
gh a b
git down`},
	{"exec of git", `git rebase -x "gh a" main; git bisect run gh b`, `
? gh a
git rebase -x "gh a" main
? gh b
git bisect run gh b`},

	{"index", `R=(a b c); P=1; i=0; gh ${R[P]} ${R[$P]} ${R[P+1]} ${R[-1]} ${R[9]} ${R[X]} "${R[@]:$X:1}"
for i in "${!R[@]}"; do gh ${R[i]} $i; done; for ((k=0; k<3; k++)); do gh "${R[k]}"; done; for i in {0..1}; do gh ${R[$i]}; done`, `
gh b b c c a|b|c a|b|c
? gh a|b|c 0|1|2
? gh a|b|c
? gh a|b`},
	{"index of a map", `declare -A M=([x]=1 [y-z]=2); M[w]=3; k=x; gh ${M[x]} ${M[$k]} "${M[k]}" ${M[w]} ${M[y-z]} ${M[$1]}; for k in "${!M[@]}"; do gh ${M[$k]}; done`, `
gh 1 1 "" 3 2 1|2|3
? gh 1|2|3`},
	{"unknown elements", `R=($(gh a)); gh "${R[1]}"; mapfile -t S < <(gh b); gh "${S[1]}"; n=$((X)); T[n]=x; T[n+1]=y; gh ${T[0]}`, `
gh a
gh $(gh a)
gh b
gh $(gh b)
gh x|y`},
	{"elements behind others", `A=(a); if x; then A+=(b); fi; A+=(c); gh "${A[1]}" "${A[@]:1}"; B=([3]=a b); gh "${B[4]}"; declare -A M=(k v l w); M+=([1]=x [2]=y); gh "${M[l]}" "${M[2]}"; declare -A N=(k $X); gh "${N[k]}"`, `
x
gh b|c b c
? gh b|c c
gh b
gh w y
gh …`},
	{"elements taken away", `A=(a b c); unset 'A[0]'; gh "${A[1]}" "${A[@]}"; unset "A[$i]"; gh "${A[@]}"; declare -A M=([k]=v [l]=w); unset 'M[k]'; gh "${M[k]}${M[l]}"`, `
gh b b c
gh b c
? gh
gh w`},
	{"counters of loops", `R=(a b); i=0; j=0; k=0; m=0; A=x; next() { m=$((m+1)); }; while test $i; do gh ${R[$i]} ${R[j]} ${R[k]} ${R[$m]} $A; i=$((i+1)); ((j++)); k=$(expr $k + 1); next; A="$A y"; done`, `
? gh a|b a|b a|b a|b x
? expr $k + 1 to=k`},
	{"set for the next turn", `A=a; B=b; C=c; for x in 1 2; do gh $A $B $C; A=$x; B=d; C="$C e"; done`, "? gh a|$A b|d c"},
	{"lists that loops change", `A=(a b); B=(c); declare -A M=([k]=m); d=e; f=g; h=i; for x in 1 2; do gh "${A[0]}" "${B[0]}" "${M[k]}" $d $f $h; A=("${A[@]:1}"); B[0]=x; M[k]=$x; read d; printf -v f y; for h in j k; do :; done; done; for x in 1 2; do A=(z); gh "${A[0]}"; A+=(y); done; gh "${#A[@]}"`, `
? gh a|b c|x m|$M e|$d g|$f i|$h
? gh z
gh ${#A[@]}`},
	{"walk of a list", `L=o/a,o/b; M=o/a; while test "$L"; do gh ${L%%,*} ${M%%,*}; L=${L#*,}; done`, "? gh ${L%%,*} o/a"},
	{"sequence of braces", `gh {1..3} {08..10} {c..a} v{0..4..2} {a..1} {1..9999}`, "gh 1 2 3 08 09 10 c b a v0 v2 v4 {a..1} {1..9999}"},
	{"braces together", `gh {a,{b,c}} {1..2}{d,e} {f}{,g} {h,$TOKEN} {i\,j} HEAD^{commit}`, "gh a b c 1d 1e 2d 2e {f} {f}g h ${{ secrets.PAT }} {i,j} HEAD^{commit}"},
	{"braces of too much", `for n in x{1..5000}$TOKEN {1..9}{1..9}{1..9}{1..9}; do gh ${n#x}; done; gh {1..9..-9223372036854775808}`, "? gh ${n#x}${{ secrets.PAT }}|${n#x}\ngh {1..9..-9223372036854775808}"},
	{"separators", `L="o/a,o/b c"; M=(x y); IFS=,; gh $L "$L" p,q "${M[*]}"; for r in $L; do IFS=' '; gh $r; done; IFS=$OLD; gh $L; unset IFS; gh $L`, `
gh o/a "o/b c" "o/a,o/b c" p,q x,y
? gh o/a
? gh o/b c
gh "o/a,o/b c"
gh o/a,o/b c`},
	{"callback of mapfile", `f() { gh "$@"; }; mapfile -t -C 'f x' -c 1 A < list; readarray -C 'gh y;:' B`, `
? gh x $(index) $(line) < "$(< list)"
? gh y`},
	{"separator of several bytes", `L="aébéc"; IFS=é; gh $L; read A B <<< "$L"; gh $A "$B"`, `
gh a b c
gh a béc`},
	{"map declared again", `declare -A M; M[x]=1; declare -A M; gh ${M[x]}`, "gh 1"},
	{"blanks among separators", `L=" a , b,,c,"; IFS=', '; gh $L; E=,; gh x$E$E; IFS=; gh $L`, `
gh a b "" c
gh x ""
gh " a , b,,c,"`},
	{"separators that came before", `OLD=$IFS; IFS=:; gh $(echo a:b); IFS=$OLD; L="a:b c"; gh $L; (IFS=:; gh $L); gh $L; f() { local IFS=:; gh $L; }; f; gh $L`, `
echo a:b
gh a b
gh a:b c
gh a "b c"
gh a:b c
gh a "b c"
gh a:b c`},
	{"separators of a branch", `L=a,b; M=ab; if test; then IFS=,; fi; gh $L $M`, "gh a,b ab"},
	{"read with separators", `IFS=, read -ra W <<< "o/a,o/b"; for w in "${W[@]}"; do gh "$w"; done; gh "${W[1]}"; printf 'a:b\nc:d\n' | while IFS=: read -ra X; do gh "${X[0]}"; done; IFS=:; read A B <<< p:q:r; gh $A "$B"`, `
? gh o/a|o/b
gh o/b
printf a:b\nc:d\n
? gh a|c
gh p q:r`},
	{"records", `printf '%s\0' a b | while IFS= read -r -d '' r; do gh "$r"; done; while read -rd, r; do gh "$r"; done <<< "a,b,"; readarray -td, R < <(printf %s c,d); gh "${R[1]}"; mapfile -d $'\0' -t S < <(printf 'e\0f\0'); gh "${S[@]}"; mapfile -t -s 1 T <<< $'g\nh'; gh "${T[0]}"; while read -rd "$X" r; do gh "$r"; done <<< "a;b"`, `
printf %s\0 a b
? gh a|b
? gh a|b
printf %s c,d
gh d
printf e\0f\0
gh e f
gh g|h
? gh $r`},
	{"lines of xargs", `printf 'a b\nc d\n' | xargs -L1 gh; printf -- '-R b\n-R d\n' | xargs -L 2 gh; printf -- '-R b\nd\n' | xargs --max-lines gh; printf 'a b' | xargs -n "$N" gh; printf 'a\0b' | xargs -0 -L1 gh; echo a b c | xargs -n 2 gh; printf 'a \nb\n' | xargs -l gh`, `
printf "a b\\nc d\\n"
gh a|c b|d
printf -- "-R b\\n-R d\\n"
gh -R b -R d
printf -- "-R b\\nd\\n"
gh -R b
? gh d
printf "a b"
gh $(xargs)
printf a\0b
gh a|b
echo a b c
gh a b
? gh c
printf "a \\nb\\n"
gh $(xargs)`},
	{"references", `declare -n r=REPO; REPO=x/y; gh "$r"; r=z; gh "$REPO"; f() { local -n one=$1; gh "${one[1]}"; one+=(c); }; L=(a b); f L; gh "${L[@]}" "$one"; declare -n a=b; declare -n b=a; gh "$a"; declare -n q=$1; gh "$q"`, `
gh x/y
gh z
gh b
gh a b c $one
gh $a
gh $q`},
	{"items of xargs", `printf '%s\0' a b | xargs -0 -n1 gh; printf 'a\0b\0' | xargs -0I% gh x%; echo -n 'a,b' | xargs -d, -I{} gh {}; echo a b c | xargs gh -x; echo a b c d | xargs -n 2 gh; echo 'a,b' | xargs -d "$X" gh; printf 'a b\nc\n' | xargs -I @ gh @; gh y | xargs -0 gh; xargs --null --max-args=1 gh <<< z`, `
printf %s\0 a b
gh a|b
printf a\0b\0
gh xa|b
echo -n a,b
gh a|b
echo a b c
gh -x a b c
echo a b c d
gh a|c b|d
echo a,b
gh $(xargs)
printf "a b\\nc\\n"
gh "a b|c"
gh y
gh $(gh y)
gh z`},
	{"pipe", `echo "$TOKEN" | gh auth login --with-token`, `
echo ${{ secrets.PAT }}
gh auth login --with-token < "${{ secrets.PAT }}"`},
	{"pipe of printf", `printf '%s:%s' user "$TOKEN" | base64 | curl -d @- example.org`, `
printf %s:%s user ${{ secrets.PAT }}
base64 < "user:${{ secrets.PAT }}"
curl -d @- example.org < "$(printf '%s:%s' user \"$TOKEN\" | base64)${{ secrets.PAT }}"`},
	{"pipe of unknown", `gh api user | docker login --password-stdin`, `
gh api user
docker login --password-stdin < "$(gh api user)"`},
	{"heredoc", "gh auth login --with-token <<EOF\n$TOKEN\nEOF", `gh auth login --with-token < "${{ secrets.PAT }}"`},
	{"quoted heredoc", "cat <<'EOF' | gh x\n$TOKEN\nEOF", `
cat < "$TOKEN"
gh x < "$TOKEN"`},
	{"dashed heredoc", "cat <<-EOF | gh x\n\ta\n\t\tb$TOKEN\n\tEOF", `
cat < "a\nb${{ secrets.PAT }}"
gh x < "a\nb${{ secrets.PAT }}"`},
	{"herestring", `gh auth login --with-token <<< "$TOKEN"`, `gh auth login --with-token < "${{ secrets.PAT }}"`},
	{"copy of a file", `echo "$TOKEN" > t.txt; cp t.txt u.txt; gh a < u.txt; cp -r d e; gh b < e; cp f.md g.md; gh c < g.md`, `
echo ${{ secrets.PAT }} > t.txt
cp t.txt u.txt
gh a < "${{ secrets.PAT }}"
cp -r d e
gh b < "$(< e)"
cp f.md g.md
gh c < "$(< f.md)"
file g.md="$(< f.md)"
file t.txt="${{ secrets.PAT }}\n"
file u.txt="${{ secrets.PAT }}\n"`},
	{"removed file", `echo a > t; rm -f t; echo b >> t; gh a < t; echo c >> t; gh b < t`, `
echo a > t
rm -f t
echo b >> t
gh a < "b"
echo c >> t
gh b < "b\nc"
file t="b\nc\n"`},
	{"file", `echo "$TOKEN" > t.txt; gh auth login --with-token < t.txt; cat t.txt | gh x; gh y < z`, `
echo ${{ secrets.PAT }} > t.txt
gh auth login --with-token < "${{ secrets.PAT }}"
cat t.txt
gh x < "${{ secrets.PAT }}"
gh y < "$(< z)"
file t.txt="${{ secrets.PAT }}\n"`},
	{"netrc", "cat > ~/.netrc <<EOF\nmachine github.com password ${{ secrets.PAT }}\nEOF\necho x >> $HOME/.netrc", `
cat < "machine github.com password ${{ secrets.PAT }}" > ~/.netrc
echo x >> ${{ runner.home }}/.netrc
file ~/.netrc="machine github.com password ${{ secrets.PAT }}\nx\n"`},
	{"temporary file", `f=$(mktemp); echo "$TOKEN" > "$f"; gh auth login --with-token < "$f"`, `
mktemp to=f
echo ${{ secrets.PAT }} > $(mktemp)
gh auth login --with-token < "${{ secrets.PAT }}"
file $(mktemp)="${{ secrets.PAT }}\n"`},
	{"tee", `echo "$TOKEN" | sudo tee -a t.txt | gh x`, `
echo ${{ secrets.PAT }}
tee -a t.txt < "${{ secrets.PAT }}" >> t.txt
gh x < "${{ secrets.PAT }}"
file t.txt="${{ secrets.PAT }}\n"`},
	{"other streams", `X=$(echo a; echo b >&2; gh c > /dev/null 2>&1); echo "$X"`, `
echo a to=X
echo b to=X
gh c > /dev/null to=X
echo a`},
	{"process substitution", `while read -r r; do gh x "$r"; done < <(gh repo list); diff <(gh a) b`, `
gh repo list
? gh x $r
gh a
diff <(gh a) b`},

	{"substitution", `X=$(gh pr list --json number); gh pr close "$X"`, `
gh pr list --json number to=X
gh pr close $(gh pr list --json number)`},
	{"known substitution", "X=$(echo v$(printf %s 1)); gh `echo a` $X", `
printf %s 1
echo v1 to=X
echo a
gh a v1`},
	{"auth token", `GH_TOKEN=$(gh auth token) gh pr list`, `
gh auth token to=GH_TOKEN
gh pr list GH_TOKEN=$(gh auth token)`},
	{"mixed substitution", `gh x "$(echo title; gh y)"`, `
echo title
gh y
gh x "title\n$(gh y)"`},
	{"filters keep credentials", `A=$(echo "$TOKEN" | sed s/a/b/); B=$(jq -n --arg t "$TOKEN" '{t:$t}'); gh "$A$B"`, `
echo ${{ secrets.PAT }} to=A
sed s/a/b/ < "${{ secrets.PAT }}" to=A
jq -n --arg t ${{ secrets.PAT }} {t:$t} to=B
gh "$(echo \"$TOKEN\" | sed s/a/b/)${{ secrets.PAT }}{\"t\":\"${{ secrets.PAT }}\"}"`},
	{"substitution in a test", `[[ $(gh a) == b ]] && (( $(gh c) > 1 ))`, `
gh a
? gh c`},

	{"default", `gh ${A:-a} ${TOKEN:-b} ${TOKEN:+c} ${GITHUB_REF:?} ${Z=z} $Z`, `
gh $A|a ${{ secrets.PAT }}|b c ${{ github.ref }} $Z|z $Z|z
? gh $A|a ${{ secrets.PAT }}|b ${{ github.ref }} $Z|z $Z|z`},
	{"default of known", `A=1 B=; gh ${A:-a} ${B:-b} "${B-c}" ${A:+d} x${B:+e}`, `gh 1 b "" d x`},
	{"prefix and suffix", `P=refs/tags/v1.2.tar.gz; gh ${P#refs/tags/} ${P##*/} ${P%.*} ${P%%.*} ${P#*/}`,
		`gh v1.2.tar.gz v1.2.tar.gz refs/tags/v1.2.tar refs/tags/v1 tags/v1.2.tar.gz`},
	{"parts of contexts", `gh ${GITHUB_REPOSITORY%/*} ${GITHUB_REPOSITORY#*/} ${GITHUB_REF##*/} ${GITHUB_REPOSITORY,,}`,
		`gh ${{ github.repository_owner }} ${{ github.event.repository.name }} ${GITHUB_REF##*/} ${{ github.repository }}`},
	{"other parts of contexts", `A=$(echo "$GITHUB_REPOSITORY" | cut -d/ -f1); B=$(basename "$GITHUB_REPOSITORY")
IFS=/ read -r C D <<< "$GITHUB_REPOSITORY"; E=$(echo "$GITHUB_REPOSITORY" | tr '[:upper:]' '[:lower:]'); gh $A $B $C $D $E`, `
echo ${{ github.repository }} to=A
cut -d/ -f1 < "${{ github.repository }}" to=A
basename ${{ github.repository }} to=B
echo ${{ github.repository }} to=E
tr [:upper:] [:lower:] < "${{ github.repository }}" to=E
gh ${{ github.repository_owner }} ${{ github.event.repository.name }} ${{ github.repository_owner }} ${{ github.event.repository.name }} ${{ github.repository }}`},
	{"replacement", `A=a/b/c; U="https://$TOKEN@x"; gh ${A//\//-} ${A/b/$TOKEN} ${A^^} "${U/https/http}" ${TOKEN/a/b} ${A:2:1}`,
		`gh a-b-c a/${{ secrets.PAT }}/c A/B/C http://${{ secrets.PAT }}@x ${TOKEN/a/b}${{ secrets.PAT }} b`},
	{"credential in prefix removal", `U="https://$TOKEN@github.com"; gh "${U#https://}" "${U##*@}"`,
		`gh ${{ secrets.PAT }}@github.com ${U##*@}${{ secrets.PAT }}`},
	{"indirect", `A=x B=A; gh ${!B} ${#A}`, `gh x ${#A}`},
	{"arithmetic", `N=1; ((N++)); gh $((N + 1)) $N; ((N = 2)); gh $N`, `
gh $((N + 1)) $N
gh $N`},

	{"arrays", `args=(--title "a b"); args+=(--label x); gh pr create "${args[@]}" y"${args[0]}"; gh ${#args[@]}`, `
gh pr create --title "a b" --label x y--title
gh ${#args[@]}`},
	{"array in branch", `args=(--a); if x; then args+=(--b); fi; gh "${args[@]}"`, `
x
gh --a --b
? gh --a`},
	{"associative", `declare -A m=([a]=1 [b]="$TOKEN"); m[c]=3; gh ${m[b]} ${m[c]} ${m[$k]}`,
		`gh ${{ secrets.PAT }} 3 1|${{ secrets.PAT }}|3`},
	{"braces", `gh {a,b}c x{1..3} '{d,e}' repos/{owner}/{repo}`, `gh ac bc x1 x2 x3 {d,e} repos/{owner}/{repo}`},

	{"if else", `if a; then T=x; gh 1; elif b; then T=y; else T=$TOKEN; fi; gh $T`, `
a
? gh 1
? b
gh x|y|${{ secrets.PAT }}`},
	{"if without else", `T=x; if a; then T=$TOKEN; fi; gh $T; if b; then F=--draft; fi; gh pr create $F`, `
a
gh x|${{ secrets.PAT }}
b
gh pr create
? gh pr create --draft`},
	{"branch that leaves", `if a; then T=x; exit 1; else T=y; fi; gh $T; b || { T=z; exit 1; }; gh $T`, `
a
gh y
b
gh y`},
	{"lists", `cd a && gh b && T=x || gh c; gh $T; [ -n "$X" ] && U=y || U=z; gh $U`, `
gh b dir=a
? gh c dir=a
gh x dir=a
? gh dir=a
gh y|z dir=a`},
	{"commands before lists", `T=a; S=b; make && T=c; cd d && S=e; gh $T $S; make && cd f && gh $T; make && A=g || A=h; gh $A; make && V=i || exit 1; gh $V`, `
make
gh a|c e dir=d
make dir=d
gh a|c dir=d/f
make dir=d/f
gh g|h dir=d/f
make dir=d/f
gh i dir=d/f`},
	{"unsure folders", `cd a || true; gh b; cd /c || exit 1; gh d; cd /e || { echo no >&2; cd /f; }; gh g`, `
gh b dir=a|
gh d dir=/c
? echo no dir=/c
gh g dir=/e|/f`},
	{"left early", `f() { [ $X ] && return; T=b; }; T=a; f; gh $T; g() { if [ $X ]; then printf c; return; fi; printf d; }; gh $(g)
h() { exit 1; }; if [ $X ]; then T=e; h; fi; for i in 1 2; do [ $X ] || continue; T=$i; done; gh $T; S=f; for i in $Z; do S=g; done; gh "$S"`, `
gh a|b
? printf c
printf d
gh c|d
gh a|b|1|2
gh f|g`},
	{"case", `case $x in a) T=1;; b|c) T=2; gh b;; *) T=3;; esac; gh $T`, `
? gh b
gh 1|2|3`},
	{"for", `for r in a/b "c d" $Z; do gh -R "$r"; done; gh $r`, `
? gh -R "a/b|c d|$Z"
gh a/b
? gh c d
? gh $Z`},
	{"while", `gh repo list | while read -r x y; do gh a $x; done; while gh b; do T=$x; break; done; gh "$T"`, `
gh repo list
? gh a $x
gh b
gh |$x`},
	{"read lines", "while read -r r; do gh -R $r; done <<EOF\na/b\nc/d\nEOF", `? gh -R a/b|c/d`},
	{"sub-shell", `(cd a; T=x; gh 1); gh "$T"; { cd b; U=y; }; gh $U`, `
gh 1 dir=a
gh $T
gh y dir=b`},
	{"cd", `cd a/b; gh 1; cd ../c; gh 2; cd -; gh 3; pushd /d; gh 4; popd; gh 5; cd "$GITHUB_WORKSPACE/e"; gh 6; cd $X/f; gh 7; cd; gh 8`, `
gh 1 dir=a/b
gh 2 dir=a/c
gh 3 dir=a/b
gh 4 dir=/d
gh 5 dir=a/b
gh 6 dir=e
gh 7 dir=$X/f
gh 8 dir=~`},

	{"function", `f() { local t=$1; shift; gh "$t" "$@"; T=$t; }; f "$TOKEN" a "b c"; gh $T $t`, `
gh ${{ secrets.PAT }} a "b c"
gh ${{ secrets.PAT }} $t`},
	{"function with input", `login() { gh auth login --with-token; }; echo "$TOKEN" | login; GH_TOKEN=a login`, `
echo ${{ secrets.PAT }}
gh auth login --with-token < "${{ secrets.PAT }}"
gh auth login --with-token GH_TOKEN=a`},
	{"function that calls its words", `retry() { for i in 1 2; do "$@" && break; done; }; retry gh pr list`, `? gh pr list`},
	{"uncalled function", `f() { gh a $1; }; trap 'gh b' EXIT; gh c`, `
? gh b
gh c
? gh a $1`},
	{"trap of a function", `f() { gh a; }; trap f EXIT`, `? gh a`},
	{"arguments in a loop", `while [ $# -gt 0 ]; do case $1 in --token) T=$2; shift 2;; esac; done; gh "$T"`, `gh |$2`},

	{"wrappers", `sudo -u me gh 1; env -u X A=b gh 2; timeout -k 5 10m gh 3; nohup gh 4 & time gh 5; command gh 6; nice -n 5 gh 7; exec gh 8`, `
gh 1
gh 2
gh 3
gh 4
gh 5
gh 6
gh 7
gh 8`},
	{"environment of wrappers", `export GH_TOKEN=a; sudo gh 1; sudo -E gh 2; sudo GH_TOKEN=b gh 3; env GH_TOKEN=c gh 4; env -u GH_TOKEN gh 5; env -i gh 6`, `
gh 1
gh 2 GH_TOKEN=a
gh 3 GH_TOKEN=b
gh 4 GH_TOKEN=c
gh 5 GH_TOKEN=
gh 6`},
	{"looking for a program", `command -v gh || apt install gh; X=$(command -v gh); $X pr list`, `
? apt install gh
$(command -v gh) pr list`},
	{"runners", `poetry run python a.py; uv run --with x -q python b.py; uv run --group=docs -- gh 1; uv run -m tool; uv run --directory x y; bundle exec rake`, `
python a.py
python b.py
gh 1
uv run -m tool
uv run --directory x y
rake`},
	{"more runners", `retry -t 3 -- gh 1; retry 5 10s gh 2; corepack pnpm release; corepack enable; volta run gh 3; nix develop .#ci -c gh 4; nix shell nixpkgs#gh --command gh 5; nix-shell -p gh --run "gh 6"; nix run .#x`, `
gh 1
gh 2
pnpm release
corepack enable
gh 3
gh 4
gh 5
gh 6
nix run .#x`},
	{"xargs", `gh pr list | xargs -n1 gh pr close; echo 7 | xargs -I{} gh pr view {} --repo a/{}`, `
gh pr list
gh pr close $(gh pr list)
echo 7
gh pr view 7 --repo a/7`},
	{"find", `find . -name '*.zip' -exec gh release upload v1 {} \;`, `gh release upload v1 $(find . -name *.zip)`},
	{"eval", `C="gh pr list --label 'a b'"; eval "$C"; eval "$UNKNOWN"`, `
gh pr list --label "a b"
eval $UNKNOWN`},
	{"bash -c", `X=a; export Y=b; bash -euc 'gh $X $Y "$1"; X=c' _ "$TOKEN"; gh $X`, `
gh $X b ${{ secrets.PAT }}
gh a`},
	{"bash -c of parts", `bash -c "gh pr comment ${{ github.event.number }} --body '$TOKEN'"; bash x.sh a; curl u | bash`, `
gh pr comment ${{ github.event.number }} --body ${{ secrets.PAT }}
bash x.sh a
curl u
bash < "$(curl u)"`},
	{"shell reads a heredoc", "bash <<'EOF'\ngh a\nEOF\nsh -s -- b <<< 'gh $1'", `
gh a
gh b`},
	{"source of a written file", `echo "export GH_TOKEN=$TOKEN; gh a; return" > e; . ./e; gh b; echo x >> f; . ./f; set -a; echo "GH_TOKEN=b" > g; source g; gh c`, `
echo "export GH_TOKEN=${{ secrets.PAT }}; gh a; return" > e
gh a GH_TOKEN=${{ secrets.PAT }}
gh b GH_TOKEN=${{ secrets.PAT }}
echo x >> f GH_TOKEN=${{ secrets.PAT }}
. ./f GH_TOKEN=${{ secrets.PAT }}
echo GH_TOKEN=b > g GH_TOKEN=${{ secrets.PAT }}
gh c GH_TOKEN=b
file e="export GH_TOKEN=${{ secrets.PAT }}; gh a; return\n"
file f="x\n"
file g="GH_TOKEN=b\n"`},
	{"source", `source ./env.sh; . lib.sh x`, `
source ./env.sh
. lib.sh x`},
	{"pasted script", `${{ 'gh a; gh b' }}`, `
gh a
gh b`},
	{"pasted alternatives", `${{ gh a x|gh b y }}`, `
? gh a x
? gh b y`},
	{"comparison", `if ${{ inputs.a == 'b' }}; then gh a; fi`, `? gh a`},
	{"pasted program", `${{ inputs.command }}`, `${{ inputs.command }}`},

	{"environment file", `echo "A=b" >> $GITHUB_ENV; echo "T=$TOKEN" >> "${{ github.env }}"; printf 'X=%s\n' y >> "${GITHUB_OUTPUT}"`, `
echo A=b >> ${{ github.env }}
echo T=${{ secrets.PAT }} >> ${{ github.env }}
printf X=%s\n y >> ${{ github.output }}
env A="b"
env T="${{ secrets.PAT }}"
output X="y"`},
	{"output block", `{ echo "a=1"; if x; then echo "b=$TOKEN"; fi; echo "c=$(gh d)"; } >> $GITHUB_OUTPUT`, `
echo a=1
x
? echo b=${{ secrets.PAT }}
gh d
echo c=$(gh d)
output a="1"
output b="${{ secrets.PAT }}"
output c="$(gh d)"`},
	{"lines", "echo 'body<<EOF' >> $GITHUB_OUTPUT\ngh pr view >> $GITHUB_OUTPUT\necho \"$TOKEN\" >> $GITHUB_OUTPUT\necho EOF >> $GITHUB_OUTPUT\necho x=y >> $GITHUB_OUTPUT", `
echo body<<EOF >> ${{ github.output }}
gh pr view >> ${{ github.output }}
echo ${{ secrets.PAT }} >> ${{ github.output }}
echo EOF >> ${{ github.output }}
echo x=y >> ${{ github.output }}
output body="$(gh pr view)\n${{ secrets.PAT }}"
output x="y"`},
	{"lines in a heredoc", "cat <<EOF >> $GITHUB_ENV\nA<<$D\nb\nc\n$D\nE=f\nEOF", `
cat < "A<<$D\nb\nc\n$D\nE=f" >> ${{ github.env }}
env A="b\nc"
env E="f"`},
	{"outputs in branches", `echo x=1 >> $GITHUB_OUTPUT; if a; then echo x=2 >> $GITHUB_OUTPUT; fi; echo "y=0" | tee -a $GITHUB_OUTPUT`, `
echo x=1 >> ${{ github.output }}
a
? echo x=2 >> ${{ github.output }}
echo y=0
tee -a ${{ github.output }} < "y=0" >> ${{ github.output }}
output x="1|2"
output y="0"`},
	{"workflow commands", `echo "::set-output name=x::$TOKEN"; echo '::set-env name=Y::z'; echo "::add-mask::$TOKEN"`, `
echo "::set-output name=x::${{ secrets.PAT }}"
echo "::set-env name=Y::z"
echo ::add-mask::${{ secrets.PAT }}
env Y="z"
output x="${{ secrets.PAT }}"`},

	{"set", `set -euo pipefail; set -- a "$TOKEN"; gh $1 "$2" "$3" x; set -o allexport; GH_TOKEN=$2; gh b "${@:2}"`, `
gh a ${{ secrets.PAT }} "" x
gh b ${{ secrets.PAT }} GH_TOKEN=${{ secrets.PAT }}`},
	{"getopts", `set -- -t "$TOKEN"; while getopts "t:" o; do case $o in t) T=$OPTARG;; esac; done; gh --token="$T"`,
		`gh --token=|-t|${{ secrets.PAT }}`},
	{"read", `read -r A B <<< "x y z"; read -ra W <<< "a b"; IFS=, read -r C D <<< "1,2,3"; read -p q E; gh "$A" "$B" ${W[1]} "$C" "$D" "$E"`,
		`gh x "y z" b 1 2,3 $E`},
	{"mapfile", "mapfile -t L <<EOF\na\n$TOKEN\nEOF\ngh \"${L[@]}\"; readarray -t M < <(gh x); gh \"${M[0]}\"", `
gh a ${{ secrets.PAT }}
gh x
gh $(gh x)`},
	{"array operations", `a=(x.md y.md); gh "${a[@]%.md}" "${a[@]:1}" "${a[*]}" "${b[@]:-z}"; a+=q; gh ${a[0]}; s=1; s+=2; gh $s; a[5]=$TOKEN; gh ${a[5]} "${a[i+1]}"`, `
gh x y y.md "x.md y.md" $b|z
gh x.mdq
gh 12
gh ${{ secrets.PAT }} x.mdq|y.md|${{ secrets.PAT }}`},
	{"quoted patterns", `A='a*b*c'; gh ${A#"a*"} ${A%%"*"*} ${A//"*"/-}; B=$TOKEN; gh "${B//x/y}" "${B:0:4}"`, `
gh b*c a a-b-c
gh ${B//x/y}${{ secrets.PAT }} ${B:0:4}${{ secrets.PAT }}`},
	{"choices through operations", `if x; then V=v1; else V=v2; fi; gh ${V#v} ${V^} "${V/v/w}" ${!V}`, `
x
gh 1|2 V1|V2 w1|w2 $v1|$v2`},
	{"escapes", `gh \$x "\$y \"z\" \\ \n" a\ b; echo -e 'a\tb' | gh; printf -v P '%s-%s' 1 "$TOKEN"; gh $P; printf '%s\n' a b | gh`,
		"gh $x \"$y \\\"z\\\" \\\\ \\\\n\" \"a b\"\necho -e a\\tb\ngh < \"a\\tb\"\ngh 1-${{ secrets.PAT }}\nprintf %s\\n a b\ngh < \"a\\nb\""},
	{"text programs", `A=$(dirname "$GITHUB_REPOSITORY"); B=$(dirname a/b); C=$(basename a/b); D=$(echo "'$TOKEN'" | tr -d "'"); E=$(echo a | tr a-z A-Z); gh $A $B $C $D $E $(pwd)`, `
dirname ${{ github.repository }} to=A
dirname a/b to=B
basename a/b to=C
echo "'${{ secrets.PAT }}'" to=D
tr -d "'" < "'${{ secrets.PAT }}'" to=D
echo a to=E
tr a-z A-Z < "a" to=E
gh ${{ github.repository_owner }} a b ${{ secrets.PAT }} A ${{ github.workspace }}`},
	{"unfinished lines", "echo 'a<<EOF' >> $GITHUB_ENV\necho \"$TOKEN\" >> $GITHUB_ENV", `
echo a<<EOF >> ${{ github.env }}
echo ${{ secrets.PAT }} >> ${{ github.env }}
env a="${{ secrets.PAT }}"`},
	{"names that are known in part", `for k in a b; do echo "$k=1" >> $GITHUB_OUTPUT; done; echo "$N=2" >> $GITHUB_OUTPUT`, `
? echo a|b=1 >> ${{ github.output }}
echo $N=2 >> ${{ github.output }}
output $N="2"
output a="1"
output b="1"`},
	{"unknown input", `gh x | tee a.txt; tee b.txt; cat; cat - c.txt`, `
gh x
tee a.txt < "$(gh x)" > a.txt
tee b.txt > b.txt
cat
cat - c.txt
file a.txt="$(gh x)"
file b.txt="$(tee b.txt)"`},
	{"nested branches print", `{ if a; then if b; then echo x=1; else echo x=2; fi; echo y=$TOKEN; fi; } >> $GITHUB_OUTPUT`, `
a
? b
? echo x=1
? echo x=2
? echo y=${{ secrets.PAT }}
output x="1|2"
output y="${{ secrets.PAT }}"`},
	{"choice of words", `if a; then A="--repo x/y"; else A="--repo z/w --draft"; fi; gh pr create $A`, `
a
gh pr create --repo x/y
? gh pr create --repo z/w --draft`},

	{"broken line", "gh a\nif x; then\n  gh b \"$TOKEN\"\n", `
gh a
? x
? gh b ${{ secrets.PAT }}
problem 5: the script does not parse: ` + "`if` statement must end with `fi`"},
	{"unclosed quote", "gh a\ngh b \"${{ secrets.PAT }} $TOKEN\ngh c; gh d", "gh a\n? gh b ${{ secrets.PAT }} ${{ secrets.PAT }}\n? gh c\n? gh d\nproblem 10: the script does not parse: reached EOF without closing quote `\"`"},
	{"PowerShell after all", "$x = gh a\nif ($x -ne \"b\") {\n  gh c\n}\n", `
gh a to=x
? gh c`},
}

func TestBash(t *testing.T) { runCases(t, Bash, bashCases) }

// TestArguments walks a script that is given words.
func TestArguments(t *testing.T) {
	in := Input{
		Source: "gh \"$1\" $2 \"$@\"\nshift\ngh $1 ${3:-c}\nwhile [ $# -gt 0 ]; do\n  T=$1; shift\ndone\ngh $T $0",
		Args:   []value.Value{value.Text("x.sh"), value.Of(&value.Credential{Name: "PAT"}), value.Text("b")},
		Dir:    value.Text("sub"),
	}
	want := "gh ${{ secrets.PAT }} b ${{ secrets.PAT }} b dir=sub\ngh b c dir=sub\ngh b x.sh dir=sub\n"
	if diff := cmp.Diff(want, render(Interpret(in))); diff != "" {
		t.Error(diff)
	}
}

// TestFiles reads files that are known before the script begins.
func TestFiles(t *testing.T) {
	in := Input{
		Source: "cd sub; gh a < t.txt; X=$(cat ../u.txt); gh $X; echo more >> t.txt",
		Files:  map[string]value.Value{"sub/t.txt": value.Text("one\n"), "u.txt": value.Of(&value.Credential{Name: "PAT"})},
	}
	want := `gh a < "one" dir=sub
cat ../u.txt dir=sub to=X
gh ${{ secrets.PAT }} dir=sub
echo more >> t.txt dir=sub
file sub/t.txt="one\nmore\n"
`
	if diff := cmp.Diff(want, render(Interpret(in))); diff != "" {
		t.Error(diff)
	}
}

// TestWritten tells which words of commands are files that were written before.
func TestWritten(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []string
	}{
		{"bash a; echo 1 > a; bash a; echo 2 > a; bash ./a a", []string{"", "", "1=\"1\\n\"", "", "1=\"2\\n\" 2=\"2\\n\""}},
		{"echo 1 >> a; sh a; echo 2 > a; echo 3 >> a; sh a", []string{"", "1=\"1\\n\" in part", "", "", "1=\"2\\n3\\n\""}},
		{"if x; then echo 1 > a; fi; sh a", []string{"", "", "1=\"1\\n\""}},
		{"cd d; echo 1 > a; cd ..; sh a d/a", []string{"", "2=\"1\\n\""}},
		{"echo 1 > a; sed -e s/1/2/ a; sh a; sed -i s/1/2/ a; sh a", []string{"", "3=\"1\\n\"", "1=\"1\\n\"", "3=\"1\\n\"", "1=\"1\\n\" in part"}},
		{"sh k; sh p; echo 1 > p; sh p", []string{"1=\"k\"", "1=\"p\" in part", "", "1=\"1\\n\""}},
		{"if x; then echo 1 > p; fi; sh p", []string{"", "", "1=\"p|1\\n\" in part"}},
	} {
		in := Input{Source: c.script, Files: map[string]value.Value{"k": value.Text("k"), "p": value.Text("p")}, Parts: map[string]bool{"p": true}}
		var got []string
		for _, cmd := range Interpret(in).Commands {
			var words []string
			for _, n := range slices.Sorted(maps.Keys(cmd.Written)) {
				words = append(words, strconv.Itoa(n)+"="+strconv.Quote(cmd.Written[n].Content.String())+map[bool]string{true: " in part"}[cmd.Written[n].Part])
			}
			got = append(got, strings.Join(words, " "))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.script, diff)
		}
	}
}

// TestOffsets checks where commands are said to be, also in inner scripts
// and in scripts that do not parse.
func TestOffsets(t *testing.T) {
	for _, c := range []struct {
		script string
		want   []string
	}{
		{"é=1\nA=b gh x > y; gh z", []string{"é=1", "A=b gh x", "gh z"}},
		{"f() { gh a; }\nf; eval 'gh b'", []string{"gh a", "eval 'gh b'"}},
		{"gh a\n) gh b; gh c\ngh d \"", []string{"gh a", "gh b", "gh c", "gh d \""}},
		{"x=$(gh a $(gh b))", []string{"gh b", "gh a $(gh b)"}},
	} {
		var got []string
		for _, cmd := range Interpret(Input{Source: c.script}).Commands {
			got = append(got, c.script[cmd.Start:cmd.End])
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: %s", c.script, diff)
		}
	}
}
