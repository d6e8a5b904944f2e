// Charts, each with its numbers as text beside it.

// svg makes an element of a drawing.
function svg(tag, given, ...children) {
  const out = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(given || {})) out.setAttribute(name, value);
  for (const child of children) if (child) out.append(child);
  return out;
}

// bar is a bar of parts [{share, class}] of a whole of 1.
function bar(parts) {
  let x = 0;
  const rects = parts.map((p) => {
    const rect = svg("rect", { x: (x * 1000).toFixed(1), y: 0, width: (p.share * 1000).toFixed(1), height: 10, class: p.class });
    x += p.share;
    return rect;
  });
  return svg("svg", { viewBox: "0 0 1000 10", preserveAspectRatio: "none", class: "bar", "aria-hidden": "true" }, ...rects);
}

// card frames a chart with its title.
function card(title, ...children) {
  const id = "card-" + title.toLowerCase().replace(/[^a-z]+/g, "-");
  return el("section", { class: "card", "aria-labelledby": id }, el("h3", { id }, title), ...children);
}

// verdictChart shows how the references part by verdict.
function verdictChart(counts) {
  const known = counts.slice(0, 4);
  const sum = known.reduce((a, b) => a + b, 0);
  if (!sum) return null;
  return card("Verdicts",
    el("div", { class: "tall" }, bar(known.map((n, i) => ({ share: n / sum, class: "f-" + verdicts[i].key })))),
    el("ul", { class: "legend" }, known.map((n, i) => el("li", null,
      el("span", { class: "dot v-" + verdicts[i].key, "aria-hidden": "true" }),
      to("references", { verdict: verdicts[i].key }, thousands(n) + " " + (n === 1 ? verdicts[i].short : verdicts[i].short.replace("needs ", "need "))),
      el("span", { class: "quiet" }, " " + verdicts[i].long)))));
}

// barTable shows numbers by name, each with a bar.
function barTable(title, heads, rows) {
  if (!rows.length) return null;
  const most = Math.max(...rows.map((r) => Math.max(...r.numbers)), 1);
  return card(title, el("table", { class: "bars" },
    el("thead", null, el("tr", null, heads.map((h, i) => el("th", { scope: "col", class: i ? "number" : "" }, h)), el("td", { class: "barcell" }))),
    el("tbody", null, rows.map((r) => el("tr", null,
      el("th", { scope: "row" }, r.name),
      r.numbers.map((n) => el("td", { class: "number" }, thousands(n))),
      el("td", { class: "barcell", "aria-hidden": "true" }, r.numbers.map((n, i) => bar([{ share: n / most, class: r.classes ? r.classes[i] : "f-bar" }]))))))));
}

// reasonChart shows why tokens are needed.
function reasonChart() {
  const bySet = tally(refs.reasons, sets.length);
  const byCode = new Map();
  sets.forEach((list, i) => { if (bySet[i]) for (const code of list) byCode.set(code, (byCode.get(code) || 0) + bySet[i]); });
  const rows = [...byCode].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 10)
    .map(([code, n]) => ({ name: to("references", { reason: strings[code] }, strings[code]), numbers: [n] }));
  return barTable("Reasons", ["Reason", "References"], rows);
}

// reachChart shows the secrets with the most reach to lose.
function reachChart() {
  const order = [...secrets.reach.keys()].filter((i) => secrets.reach[i] > 0)
    .sort((a, b) => (secrets.reach[b] - secrets.after[b]) - (secrets.reach[a] - secrets.after[a]) || a - b).slice(0, 10);
  return barTable("Reach, before and after", ["Secret", "Before", "After"], order.map((i) => ({
    name: [to("secrets", { open: i }, strings[secrets.name[i]]), el("span", { class: "quiet" }, " " + strings[secrets.owner[i]])],
    numbers: [secrets.reach[i], secrets.after[i]], classes: ["f-before", "f-after"],
  })));
}

// trendChart shows how numbers changed over earlier reports.
function trendChart() {
  const trend = index.organization && index.organization.trend;
  if (!trend) return null;
  const now = { generated_at: index.meta.generated_at, summary: index.summary, reach: secrets.reach.reduce((a, b) => a + b, 0) };
  const points = [...(trend.points || []), now];
  const series = [
    { name: "references", class: "s-1", of: (p) => p.summary.references - p.summary.other },
    { name: "replaceable", class: "s-2", of: (p) => p.summary.replaceable },
    { name: "findings", class: "s-3", of: (p) => p.summary.findings },
    { name: "reach", class: "s-4", of: (p) => p.reach },
  ];
  const counts = el("p", null, "Since the last report: " + [
    plural(trend.new, "new finding"), thousands(trend.still) + " still there", thousands(trend.gone) + " gone"].join(", ") + ".");
  if (points.length < 2) return card("Trend", counts);
  return card("Trend", counts, el("div", { class: "lines" }, series.map((s) => line(s, points))),
    el("details", { "aria-label": "The numbers of the trend" }, el("summary", null, "The numbers"), el("table", { class: "plain" },
      el("thead", null, el("tr", null, el("th", { scope: "col" }, "Report of"), series.map((s) => el("th", { scope: "col", class: "number" }, s.name)))),
      el("tbody", null, points.map((p) => el("tr", null, el("th", { scope: "row" }, p.generated_at.slice(0, 10)),
        series.map((s) => el("td", { class: "number" }, thousands(s.of(p))))))))));
}

// line draws one series: each has its own scale, from 0, for they count
// different things.
function line(series, points) {
  const values = points.map(series.of);
  const most = Math.max(...values, 1);
  const at = (v, i) => (4 + i * 292 / (values.length - 1)).toFixed(1) + "," + (64 - v * 58 / most).toFixed(1);
  const last = values[values.length - 1], first = values[0];
  return el("figure", { class: "spark" },
    el("figcaption", null, series.name + ": " + thousands(first) + " → ", el("b", null, thousands(last))),
    svg("svg", { viewBox: "0 0 300 68", role: "img", class: series.class, "aria-label": series.name + " went from " + first + " to " + last + " over " + points.length + " reports" },
      svg("line", { x1: 4, y1: 64, x2: 296, y2: 64, class: "axis" }),
      svg("polyline", { points: values.map(at).join(" "), class: "stroke" }),
      svg("circle", { cx: 296, cy: (64 - last * 58 / most).toFixed(1), r: 3.5, class: "point" })));
}
