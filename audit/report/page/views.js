// The tables of the page: what their columns show, and how they are filtered.

const secretStates = { stored: "stored", missing: "exists nowhere", unasked: "not asked" };
const grantKinds = { "fine-grained": "fine-grained token", request: "pending request", authorization: "SSO authorisation" };
const remedies = { "github-token": "GITHUB_TOKEN", app: "a GitHub App", "fine-grained": "a fine-grained token", classic: "a classic token", none: "" };

const text = (column) => (i) => strings[column[i]];
const words = (column) => (i) => sets[column[i]].map((n) => strings[n]).join(", ");
const count = (column) => (i) => column[i] ? thousands(column[i]) : "";

// through follows a column of numbers into another table; rows without one
// get the empty text.
const through = (column, texts) => column.map((n) => n < 0 ? 0 : texts[n]);

// searching looks for a word in columns of texts and of lists.
const searching = (texts, lists) => (word) => {
  const hit = matching(word);
  return (i) => texts.some((c) => hit.texts[c[i]]) || lists.some((c) => hit.lists[c[i]]);
};

// named filters a column of texts: by the whole text where there is one that
// reads so, else by a part of it.
const named = (key, label, column) => ({
  key, label, kind: "text", test: (value) => {
    const exact = strings.indexOf(value);
    if (exact >= 0 && column.includes(exact)) return (i) => column[i] === exact;
    const hit = matching(value.toLowerCase());
    return (i) => hit.texts[column[i]];
  },
});

// choice filters a column of texts by one of them.
const choice = (key, label, column, words) => ({
  key, label, kind: "select",
  options: () => [...new Set(column)].map((n) => strings[n]).filter(Boolean).sort().map((s) => [s, words && own(words, s) || s]),
  test: (value) => { const n = strings.indexOf(value); return (i) => column[i] === n; },
});

// oneOf filters a column of lists by a text in them. rowOf follows a row into
// the table of the column.
const oneOf = (key, label, column, rowOf) => ({
  key, label, kind: "select",
  options: () => [...new Set([...new Set(column)].flatMap((n) => sets[n]))].map((n) => strings[n]).sort().map((s) => [s, s]),
  test: (value) => { const hit = holding(value); return rowOf ? (i) => rowOf[i] >= 0 && hit[column[rowOf[i]]] : (i) => hit[column[i]]; },
});

// toggles filters a column of small numbers by some of them.
const toggles = (key, label, column, list) => ({
  key, label, kind: "toggles", options: () => list.map((v, i) => ({ key: v.key, text: v.short, n: tally(column, list.length)[i], class: v.class })).filter((v) => v.n),
  test: (value) => { const on = value.split(",").map((k) => list.findIndex((v) => v.key === k)); return (i) => on.includes(column[i]); },
});

const verdictToggles = verdicts.map((v) => ({ ...v, class: "v-" + v.key }));
const refRepoNames = through(refs.repository, repos.name);
const noteRepoNames = through(notes.repository, repos.name);
const hasTeams = repos.teams.some((n) => sets[n].length);
const hasBaseline = repos.flags.some((f) => f & 4);

const views = [];

views.push({
  key: "references", title: "References", noun: ["reference"], rows: refs.secret.length,
  columns: [
    { key: "secret", title: "Secret", class: several ? "mono" : "mono key", cell: text(refs.secret), order: { texts: refs.secret } },
    several && { key: "repository", title: "Repository", cell: text(refRepoNames), order: { texts: refRepoNames } },
    { key: "file", title: "Line", class: "mono line", cell: (i) => place(strings[refs.file[i]] + ":" + refs.line[i]), order: { texts: refs.file } },
    { key: "verdict", title: "Verdict", class: "narrow", cell: (i) => badge(refs.verdict[i]), order: refs.verdict },
    { key: "reasons", title: "Reasons", class: "extra", cell: words(refs.reasons) },
    { key: "uses", title: "Used by", class: "extra", cell: words(refs.uses) },
    { key: "remedy", title: "Take", class: "take extra", cell: (i) => own(remedies, strings[refs.remedy[i]]) || "", order: { texts: refs.remedy } },
  ].filter(Boolean),
  filters: [
    toggles("verdict", "Verdict", refs.verdict, verdictToggles),
    several && named("repository", "Repository", refRepoNames),
    named("secret", "Secret", refs.secret),
    oneOf("reason", "Reason", refs.reasons),
    hasTeams && oneOf("team", "Team", repos.teams, refs.repository),
    hasBaseline && { key: "new", label: "New", kind: "select", options: () => [["yes", "since the baseline"]], test: () => (i) => refs.flags[i] & 1 },
  ].filter(Boolean),
  base: (state) => state.verdict ? null : (i) => refs.verdict[i] !== 4,
  aside: () => { const n = tally(refs.verdict, 5)[4]; return n ? thousands(n) + " to other services left out" : ""; },
  search: searching([refs.secret, refs.file, refRepoNames], [refs.reasons, refs.uses, refs.targets]),
  searches: "secret, repository, file, reason, use, target",
  detail: showReference,
});

if (index.organization) {
  const unused = Int32Array.from(secrets.references, (n) => n ? 0 : 1);
  views.push({
    key: "secrets", title: "Secrets", noun: ["secret"], rows: secrets.name.length,
    columns: [
      { key: "name", title: "Secret", class: "mono", cell: text(secrets.name), order: { texts: secrets.name } },
      { key: "owner", title: "Owner", cell: text(secrets.owner), order: { texts: secrets.owner } },
      { key: "state", title: "State", class: "narrow extra", cell: (i) => own(secretStates, strings[secrets.state[i]]) || strings[secrets.state[i]], order: { texts: secrets.state } },
      { key: "verdict", title: "Verdict", class: "narrow", cell: (i) => badge(secrets.verdict[i]), order: secrets.verdict },
      { key: "reach", title: "Reach", class: "number", cell: (i) => thousands(secrets.reach[i]), order: secrets.reach, downFirst: true },
      { key: "after", title: "After", class: "number", cell: (i) => thousands(secrets.after[i]), order: secrets.after, downFirst: true },
      { key: "visible", title: "Visible to", class: "number extra", cell: count(secrets.visible), order: secrets.visible, downFirst: true },
      { key: "users", title: "Used by", class: "number extra", cell: count(secrets.users), order: secrets.users, downFirst: true },
      { key: "references", title: "References", class: "number extra", cell: count(secrets.references), order: secrets.references, downFirst: true },
      { key: "updated", title: "Last set", class: "narrow extra", cell: text(secrets.updated), order: { texts: secrets.updated } },
      { key: "grants", title: "Grants", class: "mono extra", cell: words(secrets.grants) },
      { key: "remedy", title: "Take", class: "take extra", cell: (i) => own(remedies, strings[secrets.remedy[i]]) || "", order: { texts: secrets.remedy } },
    ],
    filters: [
      toggles("verdict", "Verdict", secrets.verdict, verdictToggles),
      named("secret", "Secret", secrets.name), named("repository", "Owner", secrets.owner),
      choice("state", "State", secrets.state, secretStates), choice("store", "Store", secrets.store),
      { key: "use", label: "Use", kind: "select", options: () => [["used", "used"], ["unused", "not used"]], test: (value) => (i) => unused[i] === (value === "unused" ? 1 : 0) },
    ],
    search: searching([secrets.name, secrets.owner, secrets.scope, secrets.visibility], [secrets.grants]),
    searches: "secret, owner, scope, grant",
    detail: showSecret,
  });
}

if (index.grants.length) {
  const grants = index.grants;
  const haystacks = grants.map((g) => [g.id, g.kind, g.account, g.name, g.user, g.permissions].join(" ").toLowerCase());
  // ordered gives a column that sorts the grants by a text.
  const ordered = (of) => {
    const all = [...new Set(grants.map(of))].sort();
    const places = new Map(all.map((v, i) => [v, i]));
    return Int32Array.from(grants, (g) => places.get(of(g)));
  };
  const simple = (key, title, of, given) => ({ key, title, cell: (i) => of(grants[i]), order: ordered(of), ...given });
  views.push({
    key: "grants", title: "Grants", noun: ["grant"], rows: grants.length,
    columns: [
      simple("name", "Grant", (g) => g.name || g.id), simple("kind", "Kind", (g) => own(grantKinds, g.kind) || g.kind),
      simple("user", "User", (g) => g.user), simple("account", "Account", (g) => g.account),
      { key: "repositories", title: "Repositories", class: "narrow", cell: (i) => grants[i].selection === "subset" ? thousands(grants[i].count) : grants[i].selection, order: Int32Array.from(grants, (g) => g.selection === "all" ? 1 << 30 : g.count), downFirst: true },
      { key: "permissions", title: "Holds", class: "extra", cell: (i) => grants[i].permissions },
      simple("last", "Last used", (g) => g.last_used, { class: "narrow extra" }),
      { ...simple("expires", "Expires", (g) => g.expires, { class: "narrow" }), cell: (i) => grants[i].expired ? el("span", { class: "badge s-error" }, "expired") : grants[i].expires || (grants[i].kind === "fine-grained" ? "never" : "") },
    ],
    filters: [{
      key: "kind", label: "Kind", kind: "select", options: () => Object.entries(grantKinds).filter(([k]) => grants.some((g) => g.kind === k)),
      test: (value) => (i) => grants[i].kind === value,
    }],
    search: (word) => (i) => haystacks[i].includes(word),
    searches: "name, user, account, permission",
    detail: showGrant,
  });
}

if (index.tokens.length) {
  const tokens = index.tokens;
  views.push({
    key: "tokens", title: "Tokens", noun: ["token"], rows: tokens.length,
    columns: [
      { key: "name", title: "Token", class: "mono", cell: (i) => tokens[i].name },
      { key: "title", title: "Is", cell: (i) => tokens[i].title },
      { key: "findings", title: "Findings", cell: (i) => (tokens[i].found || []).map((f) => f.rule).join(", ") },
    ],
    filters: [], search: (word) => (i) => (tokens[i].name + " " + tokens[i].title).toLowerCase().includes(word),
    searches: "name, kind, user", detail: showToken,
  });
}

views.push({
  key: "repositories", title: "Repositories", noun: ["repository", "repositories"], rows: repos.name.length,
  columns: [
    { key: "name", title: "Repository", class: "name", cell: (i) => [strings[repos.name[i]] || "unnamed", repos.flags[i] & 1 ? el("span", { class: "quiet" }, " archived") : null, repos.flags[i] & 2 ? el("span", { class: "quiet" }, " fork") : null], order: { texts: repos.name } },
    { key: "visibility", title: "Visibility", class: "narrow extra", cell: text(repos.visibility), order: { texts: repos.visibility } },
    ...verdicts.slice(0, 4).map((v, n) => ({ key: v.key, title: v.short[0].toUpperCase() + v.short.slice(1), class: "number", cell: count(repoCounts[n]), order: repoCounts[n], downFirst: true })),
    { key: "findings", title: "Findings", class: "number extra", cell: count(repoFindings), order: repoFindings, downFirst: true },
    { key: "problems", title: "Not read", class: "number extra", cell: count(repoProblems), order: repoProblems, downFirst: true },
    hasTeams && { key: "teams", title: "Teams", class: "extra", cell: words(repos.teams) },
  ].filter(Boolean),
  filters: [
    named("repository", "Repository", repos.name),
    hasTeams && oneOf("team", "Team", repos.teams),
    choice("visibility", "Visibility", repos.visibility),
    { key: "with", label: "With", kind: "select", options: () => [...verdicts.slice(0, 4).map((v) => [v.key, v.short]), ["findings", "findings"], ["problems", "not read"]],
      test: (value) => { const c = value === "findings" ? repoFindings : value === "problems" ? repoProblems : repoCounts[verdicts.findIndex((v) => v.key === value)]; return (i) => c && c[i] > 0; } },
  ].filter(Boolean),
  search: searching([repos.name], [repos.teams]),
  searches: "repository, team",
  detail: showRepository,
});

// message fills in what a finding says once its block is unpacked.
function message(i) {
  const out = el("span", null, "…");
  record("notes", i).then((f) => { out.textContent = f.message; }, () => { out.textContent = ""; });
  return out;
}

const ownFindings = notes.severity.reduce((n, s) => n + (s === 3 ? 0 : 1), 0);
for (const problems of [false, true]) {
  const is = (i) => (notes.severity[i] === 3) === problems;
  if (!notes.severity.some((_, i) => is(i))) continue;
  views.push({
    key: problems ? "problems" : "findings", title: problems ? "Not read" : "Findings", noun: [problems ? "problem" : "finding"], rows: notes.severity.length,
    columns: [
      !problems && { key: "severity", title: "Severity", class: "narrow", cell: (i) => el("span", { class: "badge s-" + severities[notes.severity[i]] }, severities[notes.severity[i]]), order: notes.severity },
      !problems && { key: "rule", title: "Rule", class: "mono rule", cell: text(notes.rule), order: { texts: notes.rule } },
      several && { key: "repository", title: "Repository", cell: text(noteRepoNames), order: { texts: noteRepoNames } },
      { key: "file", title: "Line", class: "mono line", cell: (i) => place(noteWhere(i)), order: { texts: notes.file } },
      { key: "message", title: problems ? "Why" : "Finding", class: "wide", cell: message },
    ].filter(Boolean),
    filters: [
      !problems && toggles("severity", "Severity", notes.severity, severities.slice(0, 3).map((s) => ({ key: s, short: s, class: "s-" + s }))),
      !problems && choice("rule", "Rule", notes.rule, index.meta.rules),
      several && named("repository", "Repository", noteRepoNames),
      hasTeams && oneOf("team", "Team", repos.teams, notes.repository),
    ].filter(Boolean),
    base: () => is,
    aside: () => { const n = index.summary.findings - ownFindings; return !problems && n > 0 ? thousands(n) + " that say a reference's verdict stand among the references" : ""; },
    search: searching([notes.rule, noteRepoNames, notes.file], []),
    searches: problems ? "repository, file" : "rule, repository, file",
    detail: showNote,
  });
}
