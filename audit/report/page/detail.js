// The panel that shows all that is known of one thing.

const fields = (list) => list && list.length ? el("dl", { class: "fields" }, list.map((f) => [el("dt", null, f.name), el("dd", null, f.value)])) : null;
const part = (title, ...children) => children.flat().some(Boolean) ? el("section", null, el("h4", null, title), ...children) : null;
const capital = (s) => s[0].toUpperCase() + s.slice(1);
const bullets = (items) => items && items.length ? el("ul", null, items.map((i) => el("li", null, i))) : null;
// linkTo is the address of a place; most follow from where it is.
const linkTo = (p, tree) => p.link === "~" ? tree + p.where.replace(/:(\d+)$/, "#L$1") : p.link;
const placed = (p, tree) => [away(linkTo(p, tree), el("code", null, p.where)), p.text ? [" ", el("span", { class: "quote" }, p.text)] : null];

// crumbs say where one is: the report, the repository, the secret, the line.
function crumbs(...items) {
  return el("nav", { class: "crumbs", "aria-label": "Where you are" }, el("ol", null, items.filter(Boolean).map((i) => el("li", null, i))));
}
const reportCrumb = () => to("overview", {}, index.organization ? "Organisation" : "Report");
const repoCrumb = (n) => several && n >= 0 ? to("repositories", { open: n }, strings[repos.name[n]]) : null;

// frame shows lines of code with the reference marked.
function frame(f) {
  return el("pre", { class: "frame", tabindex: 0, "aria-label": "Code around line " + f.line }, f.lines.map((text, i) => {
    const number = f.first + i;
    const here = number === f.line;
    return el("span", { class: here ? "line here" : "line" }, el("span", { class: "gutter" }, String(number).padStart(5) + "  "),
      here ? [f.mark[0], el("mark", null, f.mark[1]), f.mark[2]] : text, "\n");
  }));
}

// remedy says what to do.
function remedy(r) {
  if (!r.summary && !r.block && !r.recipe) return null;
  return part("What to do", r.summary ? el("p", { class: "summary" }, r.summary) : null,
    r.block ? [el("p", null, r.title), el("pre", { class: "block", tabindex: 0 }, r.block.join("\n"))] : null,
    r.note ? el("p", { class: "note" }, r.note) : null,
    r.else ? el("p", null, r.else) : null, fields(r.recipe),
    r.url ? el("p", null, linkable(r.url) ? away(r.url, "Make this token on GitHub") : el("code", null, r.url),
      el("span", { class: "quiet" }, " (check every field: the page may ignore some)")) : null);
}

// finding shows a finding.
function finding(f) {
  return [el("p", null, f.severity ? el("span", { class: "badge s-" + f.severity }, f.severity) : null, " ", f.message, " ",
    f.rule ? el("code", { title: own(index.meta.rules, f.rule) }, f.rule) : null),
  f.fix ? el("pre", { class: "block", tabindex: 0 }, f.fix.join("\n")) : null,
  f.related ? bullets(f.related.map((p) => placed(p, f.tree))) : null,
  f.accepted ? el("p", { class: "note" }, "Accepted in " + f.accepted.where + (f.accepted.expires ? " until " + f.accepted.expires : "") + ": " + f.accepted.reason) : null];
}

// use shows one way of a secret to where it is used.
function use(u, tree) {
  return el("li", null, u.via ? u.via.map((v) => [away(linkTo(v, tree), v.text || v.where), " → "]) : null, el("b", null, u.what), " ",
    el("span", { class: "quiet" }, u.job ? "job " + u.job + (u.step ? ", step " + u.step : "") + ", " : ""), away(linkTo(u.place, tree), el("code", null, u.place.where)), " ",
    u.verdict ? badge(verdicts.findIndex((v) => v.key === u.verdict)) : null,
    u.does ? el("ul", { class: "does" }, u.does.map((d) => el("li", null, el("code", null, d)))) : null);
}

async function showReference(i) {
  const r = await record("references", i);
  const where = strings[refs.file[i]] + ":" + refs.line[i];
  const name = strings[refs.secret[i]];
  return [
    crumbs(reportCrumb(), repoCrumb(refs.repository[i]), to("references", { secret: name }, name), away(r.link, el("code", null, where))),
    el("h3", { id: "detail-title", tabindex: -1 }, name, " ", badge(refs.verdict[i])),
    el("p", null, capital(verdicts[refs.verdict[i]].long) + "."),
    r.frame ? frame(r.frame) : null,
    el("p", null, linkable(r.link) ? away(r.link, "Open " + where + " on GitHub") : el("code", null, where + ":" + r.column)),
    remedy(r.remedy),
    part("Why", r.reasons ? el("ul", null, r.reasons.map((w) => el("li", null,
      to("references", { reason: w.code }, el("code", null, w.code)), " ", w.detail,
      w.evidence ? el("ul", null, w.evidence.map((e) => el("li", null, placed(e, r.tree))), w.more ? el("li", null, "and " + thousands(w.more) + " more") : null) : null))) : null),
    part("How it is used", r.uses ? el("ul", { class: "uses" }, r.uses.map((u) => use(u, r.tree)), r.more ? el("li", null, "and " + plural(r.more, "more use")) : null) : null),
    part("What that takes", fields(r.needs)),
    part("On", bullets(sets[refs.targets[i]].map((n) => strings[n]))),
    part("Events that it causes", bullets(r.events)),
    part("Also found", r.found ? r.found.map(finding) : null),
    el("p", { class: "quiet" }, "Fingerprint ", el("code", null, r.id)),
  ];
}

// between finds the rows of a sorted column that hold a number, at most limit.
function between(column, value, limit) {
  let low = 0, high = column.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] >= 0 && column[middle] < value) low = middle + 1; else high = middle;
  }
  const out = [];
  for (let i = low; i < column.length && column[i] === value && out.length < limit; i++) out.push(i);
  return out;
}

async function showRepository(n) {
  const r = await record("repositories", n);
  const name = strings[repos.name[n]] || "unnamed";
  const found = await Promise.all(between(notes.repository, n, 50).map((i) => record("notes", i).then((note) => [i, note])));
  const list = between(refs.repository, n, 100).filter((i) => refs.verdict[i] < 4);
  const count = repoCounts.slice(0, 4).reduce((sum, c) => sum + c[n], 0);
  return [
    crumbs(reportCrumb(), name),
    el("h3", { id: "detail-title", tabindex: -1 }, name),
    fields([["on GitHub", r.link && away(r.link, r.link)], ["at", r.ref], ["folder", r.root], ["visibility", strings[repos.visibility[n]]],
      ["teams", sets[repos.teams[n]].map((t) => strings[t]).join(", ")], ["files", thousands(repos.files[n])]]
      .filter((f) => f[1]).map(([a, value]) => ({ name: a, value }))),
    part("References", el("p", null, verdicts.slice(0, 4).map((v, i) => repoCounts[i][n] ? [badge(i), " " + thousands(repoCounts[i][n]) + " "] : null)),
      list.length ? el("ul", null, list.map((i) => el("li", null, to("references", { open: i, repository: strings[repos.name[n]] }, strings[refs.secret[i]]), " ",
        el("code", null, strings[refs.file[i]] + ":" + refs.line[i]), " ", badge(refs.verdict[i])))) : el("p", null, "No secret for GitHub is used here."),
      count > list.length || count ? el("p", null, to("references", { repository: strings[repos.name[n]] }, "Show " + plural(count, "reference") + " in the table")) : null),
    part("Findings", found.filter(([i]) => notes.severity[i] < 3).map(([i, f]) => [el("p", { class: "where" }, away(f.link, el("code", null, noteWhere(i)))), finding(f)])),
    part("Not read", found.filter(([i]) => notes.severity[i] === 3).map(([i, f]) => el("p", null, away(f.link, el("code", null, noteWhere(i))), " ", f.message))),
    part("Accepted", r.accepted ? r.accepted.map(finding) : null),
    part("Secrets", bullets(r.secrets)),
    part("Since the baseline", r.since ? el("p", null, r.since) : null, r.gone ? bullets(r.gone.map((p) => placed(p))) : null),
  ];
}

const noteWhere = (i) => strings[notes.file[i]] + (notes.line[i] > 0 ? ":" + notes.line[i] : "");

async function showNote(i) {
  const f = await record("notes", i);
  const rule = strings[notes.rule[i]];
  return [
    crumbs(reportCrumb(), repoCrumb(notes.repository[i]), rule || "problem", away(f.link, el("code", null, noteWhere(i)))),
    el("h3", { id: "detail-title", tabindex: -1 }, own(index.meta.rules, rule) || rule || "Not read"),
    finding(f),
    notes.reference[i] >= 0 ? el("p", null, to("references", { open: notes.reference[i] }, "The reference to " + strings[refs.secret[notes.reference[i]]])) : null,
    linkable(f.link) ? el("p", null, away(f.link, "Open " + noteWhere(i) + " on GitHub")) : null,
  ];
}

// grantNamed finds a grant by the id that secrets refer to.
const grantNamed = (id) => index.grants.findIndex((g) => g.id === id);

async function showSecret(i) {
  const s = await record("secrets", i);
  const name = strings[secrets.name[i]], owner = strings[secrets.owner[i]];
  const repository = secrets.scope[i] && strings[secrets.scope[i]] !== "organization" || owner.includes("/") ? owner : null;
  return [
    crumbs(reportCrumb(), to("secrets", {}, "Secrets"), name),
    el("h3", { id: "detail-title", tabindex: -1 }, name, " ", badge(secrets.verdict[i])),
    el("p", { class: "reach" }, "Reach ", el("b", null, thousands(secrets.reach[i])), " → ", el("b", null, thousands(secrets.after[i])), " ",
      el("span", { class: "quiet" }, secrets.after[i] === 1 ? "repository" : "repositories")),
    fields([["owner", owner], ["scope", strings[secrets.scope[i]]], ["store", strings[secrets.store[i]]], ["state", own(secretStates, strings[secrets.state[i]]) || strings[secrets.state[i]]],
      ["visibility", strings[secrets.visibility[i]] + (secrets.visible[i] ? " (" + plural(secrets.visible[i], "repository", "repositories") + ")" : "")], ...(s.facts || []).map((f) => [f.name, f.value])]
      .filter((f) => f[1]).map(([a, value]) => ({ name: a, value }))),
    remedy(s.remedy),
    part("Work", s.work.references ? el("p", null, plural(s.work.references, "reference") + " in " + plural(s.work.files, "file") + " of " +
      plural(s.work.repositories, "repository", "repositories") + ", " + thousands(s.work.replaceable) + " of them replaceable today.") : null),
    part("Uses", secrets.references[i] ? el("p", null, to("references", { secret: name, repository }, "Show its " + plural(secrets.references[i], "reference")),
      el("span", { class: "quiet" }, " (all of secrets that are called so)")) : el("p", null, "No workflow that was read names it."), bullets(s.users)),
    part("What that takes", fields(s.needs)),
    part("On", bullets(s.targets)),
    part("Grants that are taken for it", s.grants && s.grants.length ? [el("p", { class: "quiet" }, "GitHub does not say which token a secret holds" + (s.matched ? "; these match by " + s.matched : "") + "."),
      bullets(s.grants.map((g) => grantNamed(g) >= 0 ? to("grants", { open: grantNamed(g) }, g) : g))] : null),
    part("More than it needs", bullets(s.excess)),
    part("Selected repositories", bullets(s.selected)),
  ];
}

async function showGrant(i) {
  const g = index.grants[i];
  return [
    crumbs(reportCrumb(), to("grants", {}, "Grants"), g.id),
    el("h3", { id: "detail-title", tabindex: -1 }, g.name || g.id, " ", g.expired ? el("span", { class: "badge s-error" }, "expired") : null),
    fields([["kind", own(grantKinds, g.kind) || g.kind], ["account", g.account], ["user", g.user], ["repositories", g.selection === "subset" ? thousands(g.count) : g.selection],
      ["holds", g.permissions], ["granted", g.granted], ["last used", g.last_used], ["expires", g.expires]].filter((f) => f[1]).map(([a, value]) => ({ name: a, value }))),
    part("Repositories", bullets(g.repositories)),
  ];
}

async function showToken(i) {
  const t = index.tokens[i];
  return [
    crumbs(reportCrumb(), to("tokens", {}, "Tokens"), t.name),
    el("h3", { id: "detail-title", tabindex: -1 }, t.name),
    el("p", null, t.title + "."), fields(t.facts), remedy(t.remedy), part("Findings", (t.found || []).map(finding)),
  ];
}
