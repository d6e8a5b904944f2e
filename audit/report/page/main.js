// Where one is on the page stands in its address: #view?filter=value. So a
// link leads to a selection, and the way back works.

const main = document.getElementById("main");
let state = {};
let started = false;
const tables = new Map();

// address writes a state as the fragment of an address.
function address(view, filters) {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(filters || {})) if (value !== undefined && value !== null && value !== "") given.set(key, value);
  const query = given.toString();
  return "#" + view + (query ? "?" + query : "");
}

// parse reads a state. Unknown views are the overview.
function parse(fragment) {
  const [view, query] = [fragment.replace(/^#/, "").split("?", 1)[0], fragment.split("?").slice(1).join("?")];
  const out = Object.fromEntries(new URLSearchParams(query));
  out.view = views.some((v) => v.key === view) ? view : "overview";
  return out;
}

// change goes to a state that differs in something. Typing leaves no trail.
function change(part, typing) {
  const next = { ...state, ...part };
  const { view, ...filters } = next;
  const fragment = address(view, filters);
  try {
    if (typing) history.replaceState(null, "", fragment); else history.pushState(null, "", fragment);
  } catch { /* some places of a page forbid it: then the address stays */ }
  go(parse(fragment));
}

// permutation is the order of all rows by a column, made once.
function permutation(view, column) {
  if (column.permutation) return column.permutation;
  let keys = column.order;
  if (keys.texts) {
    const rank = ranks();
    keys = keys.texts.map((n) => rank[n]);
  }
  const rows = new Int32Array(view.rows);
  for (let i = 0; i < rows.length; i++) rows[i] = i;
  return (column.permutation = rows.sort((a, b) => keys[a] - keys[b] || a - b));
}

// select finds the rows that a state leaves, in its order.
function select(view, state) {
  const tests = [];
  const base = view.base && view.base(state);
  if (base) tests.push(base);
  for (const f of view.filters) if (state[f.key]) tests.push(f.test(state[f.key]));
  for (const word of (state.q || "").toLowerCase().split(/\s+/).filter(Boolean)) tests.push(view.search(word));
  const column = view.columns.find((c) => c.key === state.sort && c.order);
  const order = column && permutation(view, column);
  const down = state.order === "down";
  const out = new Int32Array(view.rows);
  let n = 0;
  rows: for (let k = 0; k < view.rows; k++) {
    const i = order ? order[down ? view.rows - 1 - k : k] : k;
    for (const test of tests) if (!test(i)) continue rows;
    out[n++] = i;
  }
  return out.subarray(0, n);
}

// page makes the elements of a view, once.
function page(view) {
  let p = tables.get(view.key);
  if (p) return p;
  p = { view, inputs: {} };
  view.open = (row) => change({ open: row });
  p.table = new Table(view);
  p.search = el("input", { type: "search", id: "q-" + view.key, autocomplete: "off", spellcheck: "false", placeholder: view.searches, oninput: (e) => change({ q: e.target.value, open: undefined }, true) });
  p.form = el("form", { role: "search", class: "filters", "aria-label": "Filter the " + view.noun[view.noun.length - 1] + (view.noun[1] ? "" : "s"), onsubmit: (e) => { e.preventDefault(); p.table.focus(0); } },
    el("label", { for: "q-" + view.key }, el("span", null, "Search ", el("kbd", { "aria-hidden": "true" }, "/")), p.search),
    view.filters.map((f) => control(p, f)),
    el("button", { type: "button", class: "clear", onclick: () => change(Object.fromEntries(["q", "sort", "order", "open", ...view.filters.map((f) => f.key)].map((k) => [k, undefined]))) }, "Clear"));
  p.count = el("p", { class: "count" });
  p.panel = el("aside", { class: "panel", "aria-labelledby": "detail-title" });
  p.panel.hidden = true;
  p.root = el("div", { class: "view" }, el("h2", { id: "title", tabindex: -1 }, view.title), p.form, p.count, el("div", { class: "split" }, p.table.box, p.panel));
  tables.set(view.key, p);
  return p;
}

// control makes the control of a filter.
function control(p, f) {
  const id = "f-" + p.view.key + "-" + f.key;
  if (f.kind === "toggles") {
    p.inputs[f.key] = f.options().map((o) => {
      const button = el("button", { type: "button", class: "toggle " + o.class, "aria-pressed": "false" }, o.text + " ", el("span", { class: "n" }, thousands(o.n)));
      button.key = o.key;
      button.addEventListener("click", () => {
        const on = new Set((state[f.key] || "").split(",").filter(Boolean));
        if (!on.delete(o.key)) on.add(o.key);
        change({ [f.key]: [...on].join(","), open: undefined });
      });
      return button;
    });
    return el("fieldset", null, el("legend", null, f.label), p.inputs[f.key]);
  }
  if (f.kind === "select") {
    const options = f.options();
    if (!options.length) return null;
    const input = el("select", { id, onchange: (e) => change({ [f.key]: e.target.value, open: undefined }) },
      el("option", { value: "" }, "all"), options.map(([value, words]) => el("option", { value }, words)));
    p.inputs[f.key] = input;
    return el("label", { for: id }, el("span", null, f.label), input);
  }
  const input = el("input", { type: "text", id, autocomplete: "off", spellcheck: "false", oninput: (e) => change({ [f.key]: e.target.value, open: undefined }, true) });
  p.inputs[f.key] = input;
  return el("label", { for: id }, el("span", null, f.label), input);
}

// fill puts a state into the controls.
function fill(p) {
  if (p.search.value !== (state.q || "")) p.search.value = state.q || "";
  for (const f of p.view.filters) {
    const input = p.inputs[f.key], value = state[f.key] || "";
    if (Array.isArray(input)) for (const b of input) b.setAttribute("aria-pressed", String(value.split(",").includes(b.key)));
    else if (input && input.value !== value) input.value = value;
  }
}

// go draws a state.
function go(next) {
  const before = state;
  state = next;
  for (const a of document.querySelectorAll("#nav a")) {
    if (a.key === state.view) a.setAttribute("aria-current", "page"); else a.removeAttribute("aria-current");
  }
  const view = views.find((v) => v.key === state.view);
  document.body.classList.toggle("fit", Boolean(view)); // its tables scroll, not the page
  if (!view) {
    main.replaceChildren(...[overview()].flat().filter(Boolean));
    if (before.view !== state.view) arrive(before);
    return;
  }
  const p = page(view);
  if (main.firstChild !== p.root) main.replaceChildren(p.root);
  fill(p);
  const { open: openBefore, ...rest } = before, { open, ...filters } = state;
  if (!p.shown || JSON.stringify(p.shown) !== JSON.stringify(filters)) {
    const rows = select(view, state);
    p.shown = filters;
    p.table.show(rows, state.sort, state.order === "down");
    const aside = !state.verdict && view.aside ? view.aside() : "";
    const all = total(view);
    p.count.textContent = (rows.length === all ? "" : thousands(rows.length) + " of ") + plural(all, ...view.noun) + (aside ? " (" + aside + ")" : "");
    say(plural(rows.length, ...view.noun) + " shown");
  } else if (before.view !== state.view) {
    p.table.draw();
  }
  if (before.view !== state.view) arrive(before);
  openPanel(p, open === undefined ? -1 : Number(open), before.view === state.view ? openBefore : undefined);
}

// total counts the rows of a view before any filter.
const totals = new Map();
function total(view) {
  if (!totals.has(view.key)) {
    let n = 0;
    const base = view.base && view.base({});
    for (let i = 0; i < view.rows; i++) if (!base || base(i)) n++;
    totals.set(view.key, n);
  }
  return state.verdict ? view.rows : totals.get(view.key);
}

// arrive moves the reader to a new view.
function arrive(before) {
  window.scrollTo(0, 0);
  const title = document.getElementById("title");
  document.title = index.meta.title + ": " + title.textContent;
  if (started) title.focus({ preventScroll: true });
  started = true;
}

// openPanel shows what is known of a row, or closes the panel.
function openPanel(p, row, before) {
  p.table.mark(row);
  if (row < 0 || !Number.isInteger(row) || row >= p.view.rows) {
    const was = !p.panel.hidden;
    p.panel.hidden = true;
    p.root.classList.remove("open");
    if (was && before !== undefined && p.panel.contains(document.activeElement)) p.table.focus(p.table.active);
    p.panel.replaceChildren();
    return;
  }
  p.panel.hidden = false;
  p.root.classList.add("open");
  p.opening = row;
  p.view.detail(row).then((parts) => {
    if (p.opening !== row || p.panel.hidden) return;
    p.panel.replaceChildren(el("button", { type: "button", class: "close", "aria-label": "Close the details", onclick: () => closePanel(p) }, "×"));
    add(p.panel, parts);
    p.panel.scrollTop = 0;
    const title = document.getElementById("detail-title");
    if (title) title.focus({ preventScroll: false });
  }, (error) => {
    p.panel.replaceChildren(el("h3", { id: "detail-title", tabindex: -1 }, "This cannot be shown"), el("p", null, "The browser could not unpack it: " + error.message));
  });
}

function closePanel(p) {
  change({ open: undefined });
  p.table.focus(p.table.active);
}

// The keys that work everywhere.
document.addEventListener("keydown", (e) => {
  const p = tables.get(state.view);
  const typing = e.target.matches("input, select, textarea");
  if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    if (!p) change({ view: "references" });
    const now = tables.get(state.view);
    now.search.focus();
    now.search.select();
  } else if (e.key === "Escape" && p && !p.panel.hidden) {
    e.preventDefault();
    closePanel(p);
  } else if (e.key === "ArrowDown" && p && e.target === p.search) {
    e.preventDefault();
    p.table.focus(p.table.active);
  }
});
window.addEventListener("hashchange", () => go(parse(location.hash)));
window.addEventListener("resize", () => { const p = tables.get(state.view); if (p) p.table.draw(); });
window.addEventListener("beforeprint", () => { const p = tables.get(state.view); if (p) p.table.print(true); });
window.addEventListener("afterprint", () => { const p = tables.get(state.view); if (p) p.table.print(false); });

add(document.getElementById("header"), [el("p", { class: "quiet" }, [index.meta.generated_at.replace("T", " ").replace("Z", " UTC"), index.meta.tool].join(" · "))]);
add(document.getElementById("nav"), el("ul", null, [{ key: "overview", title: "Overview" }, ...views].map((v) => {
  const a = to(v.key, {}, v.title);
  a.key = v.key;
  return el("li", null, a);
})));
go(parse(location.hash));
