// The first view: what the report comes to, in ten seconds.

// figure is a number that stands out.
const figure = (number, label, link) => el("li", null, el("b", null, number), " ", link ? to(link[0], link[1], label) : label);

function overview() {
  const s = index.summary;
  const before = secrets.reach.reduce((a, b) => a + b, 0), after = secrets.after.reduce((a, b) => a + b, 0);
  const counts = tally(refs.verdict, verdicts.length);
  return [
    el("h2", { id: "title", tabindex: -1 }, "Overview"),
    el("p", { class: "headline" }, index.meta.headline + "."),
    index.meta.since ? el("p", { class: "headline" }, index.meta.since + ".") : null,
    el("ul", { class: "figures" },
      figure(thousands(s.replaceable), "replaceable", ["references", { verdict: "replaceable" }]),
      figure(thousands(s.references - s.other), "references", ["references", {}]),
      before ? figure(thousands(before) + " → " + thousands(after), "reach of secrets, in repositories", ["secrets", { sort: "reach", order: "down" }]) : null,
      figure(thousands(s.repositories), s.repositories === 1 ? "repository" : "repositories", ["repositories", {}]),
      figure(thousands(s.findings), s.findings === 1 ? "finding" : "findings", views.some((v) => v.key === "findings") ? ["findings", {}] : null),
      s.errors ? figure(thousands(s.errors), "not read", ["problems", {}]) : null,
      s.accepted ? figure(thousands(s.accepted), "accepted") : null),
    warnings(),
    el("div", { class: "cards" }, verdictChart([...counts]), reasonChart(), index.organization ? reachChart() : null, trendChart(), coverage(), accounts(), topRepositories()),
  ];
}

// warnings say what the report does not know.
function warnings() {
  const o = index.organization;
  if (!o) return null;
  const all = [...o.unasked];
  if (o.shard) all.unshift("This is part " + o.shard + " of the audit.");
  if (!o.complete) all.unshift("The audit did not finish: " + plural(o.coverage.left, "repository", "repositories") + " left.");
  return all.length ? el("section", { class: "card warn", "aria-labelledby": "unasked" }, el("h3", { id: "unasked" }, "What is not in it"), bullets(all)) : null;
}

function coverage() {
  const o = index.organization;
  if (!o) return null;
  const c = o.coverage;
  const rows = [["Listed", c.listed], ["Audited", c.audited], ["of them with workflows", c.with_workflows], ["Excluded", c.excluded], ["Archived", c.archived],
    ["Forks", c.forks], ["Empty", c.empty], ["Failed", c.failed], ["Left", c.left]].filter(([, n], i) => i < 3 || n);
  return barTable("Coverage", ["Repositories", "Number"], rows.map(([name, n]) => ({ name, numbers: [n] })));
}

function accounts() {
  const list = index.organization && index.organization.accounts || [];
  if (!list.length) return null;
  return card("Accounts", el("table", { class: "plain" },
    el("thead", null, el("tr", null, ["Account", "Kind", "GITHUB_TOKEN by default", "May open pull requests"].map((h) => el("th", { scope: "col" }, h)))),
    el("tbody", null, list.map((a) => el("tr", null, el("th", { scope: "row" }, a.login ? away(index.meta.web + "/" + encodeURIComponent(a.login), a.login) : "a list"), el("td", null, a.kind),
      el("td", null, a.default_permissions || "not asked"), el("td", null, a.approve_pull_requests == null ? "not asked" : a.approve_pull_requests ? "yes" : "no"))))));
}

// topRepositories are those in which most can be done today.
function topRepositories() {
  if (!several) return null;
  const best = [];
  const by = repoCounts[0];
  for (let i = 0; i < by.length; i++) {
    if (!by[i] || best.length === 10 && by[i] <= by[best[9]]) continue;
    best.push(i);
    best.sort((a, b) => by[b] - by[a] || a - b);
    best.length = Math.min(best.length, 10);
  }
  return barTable("Where most is replaceable", ["Repository", "References"], best.map((i) => ({
    name: to("repositories", { open: i }, strings[repos.name[i]] || "unnamed"), numbers: [by[i]], classes: ["f-replaceable"] })));
}
