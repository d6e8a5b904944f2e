// Drawing: elements, and tables of which only the visible rows exist.

const rowHeight = 34;
const printedRows = 500;

// attributes are those that el sets. Texts of the report reach the page as
// text nodes and as these, none of which runs anything.
const attributes = new Set(["class", "id", "for", "type", "role", "title", "scope", "value", "placeholder", "name", "tabindex",
  "aria-label", "aria-labelledby", "aria-current", "aria-sort", "aria-rowcount", "aria-colcount", "aria-rowindex", "aria-hidden",
  "aria-expanded", "aria-pressed", "aria-selected", "aria-describedby", "colspan", "autocomplete", "spellcheck", "accesskey"]);

// el makes an element. Children are elements or texts; null is left out.
function el(tag, given, ...children) {
  const out = document.createElement(tag);
  for (const [name, value] of Object.entries(given || {})) {
    if (name.startsWith("on")) out.addEventListener(name.slice(2), value);
    else if (attributes.has(name) && value != null) out.setAttribute(name, value);
  }
  add(out, children);
  return out;
}

function add(to, children) {
  for (const child of [children].flat(Infinity)) if (child != null && child !== false) to.append(child instanceof Node ? child : String(child));
  return to;
}

// away links to a page of GitHub, or is just text.
function away(address, ...children) {
  const href = address && linkable(address);
  if (!href) return el("span", null, ...children);
  const out = el("a", { class: "away" }, ...children);
  out.href = href;
  out.target = "_blank";
  out.rel = "noopener noreferrer";
  return out;
}

// to links to a view of this page.
function to(view, filters, ...children) {
  const out = el("a", null, ...children);
  out.href = address(view, filters);
  return out;
}

const badge = (verdict) => verdict < 0 ? null : el("span", { class: "badge v-" + verdicts[verdict].key, title: verdicts[verdict].long }, verdicts[verdict].short);

// place is a file with a line. Where it is too long, the file is cut and the
// line is not: many rows are about one file.
function place(where) {
  const [, file, line] = where.replace(".github/workflows/", "").match(/^(.*?)(:\d+)?$/s);
  return el("span", { class: "place", title: where }, el("span", null, file), line && el("span", null, line));
}

// say tells people who do not see the page what changed.
const say = (text) => { document.getElementById("status").textContent = text; };

// Table draws rows of a view. What it needs to know:
//   columns  [{key, title, class, cell(row), order, downFirst}]; order is the
//            typed array to sort by, or {texts: array} for numbers of texts
//   rows     how many there are
//   open     (row) shows one row
class Table {
  constructor(view) {
    this.view = view;
    this.shown = new Int32Array(0);
    this.active = 0;
    this.body = el("tbody");
    this.above = el("tr", { class: "space", "aria-hidden": "true" }, el("td"));
    this.below = el("tr", { class: "space", "aria-hidden": "true" }, el("td"));
    this.heads = view.columns.map((c, i) => el("th", { scope: "col", class: (c.class || "") + (c.order ? "" : " fixed") },
      c.order ? el("button", { type: "button", onclick: () => this.sortBy(c.key) }, c.title, el("span", { class: "arrow", "aria-hidden": "true" })) : c.title));
    this.table = el("table", { role: "grid", "aria-label": view.title, "aria-colcount": view.columns.length },
      el("thead", null, el("tr", { "aria-rowindex": 1 }, this.heads)), this.body);
    this.box = el("div", { class: "scroll", onscroll: () => this.draw() }, this.table);
    this.body.addEventListener("click", (e) => this.clicked(e));
    this.body.addEventListener("keydown", (e) => this.pressed(e));
    this.body.addEventListener("mouseover", (e) => { // what is cut shows itself
      const td = e.target.closest("td");
      if (td && td.scrollWidth > td.clientWidth) td.title = td.textContent;
    });
    this.drawn = new Map();
  }

  // show draws the rows that a filter leaves, in the order in which they come.
  show(shown, sort, descending) {
    this.sort = sort;
    this.descending = descending;
    this.shown = shown;
    this.view.columns.forEach((c, i) => {
      if (c.order) this.heads[i].setAttribute("aria-sort", c.key !== sort ? "none" : descending ? "descending" : "ascending");
    });
    this.table.setAttribute("aria-rowcount", shown.length + 1);
    this.active = Math.min(this.active, Math.max(shown.length - 1, 0));
    this.redraw();
  }

  sortBy(key) {
    const descending = this.sort === key ? !this.descending : !!this.view.columns.find((c) => c.key === key).downFirst;
    change({ sort: key, order: descending ? "down" : "up" });
  }

  redraw() {
    this.drawn.clear();
    this.body.replaceChildren(this.above, this.below);
    this.draw();
  }

  // draw puts the visible rows in place, and takes others away.
  draw() {
    const count = this.shown.length;
    let first = Math.max(0, Math.floor(this.box.scrollTop / rowHeight) - 10);
    let last = Math.min(count, Math.ceil((this.box.scrollTop + (this.box.clientHeight || 600)) / rowHeight) + 10);
    if (this.printing) [first, last] = [0, Math.min(count, printedRows)];
    const wanted = new Set();
    for (let i = first; i < last; i++) wanted.add(i);
    if (this.active < count && !this.printing) wanted.add(this.active); // focus stays
    for (const [i, tr] of this.drawn) if (!wanted.has(i)) { tr.remove(); this.drawn.delete(i); }
    const order = [...wanted].sort((a, b) => a - b);
    let before = this.above;
    let space = 0, above = 0, below = 0;
    for (const i of order) {
      let tr = this.drawn.get(i);
      if (!tr) {
        tr = this.row(i);
        this.drawn.set(i, tr);
      }
      if (before.nextSibling !== tr) before.after(tr);
      before = tr;
      if (i < first) above = 1;
      if (i >= last) below = 1;
    }
    this.above.firstChild.style.height = (first - above) * rowHeight + "px";
    const left = Math.max(0, count - last - below);
    this.below.firstChild.style.height = this.printing ? "auto" : left * rowHeight + "px";
    this.below.firstChild.textContent = this.printing && left ? "… and " + thousands(left) + " more" : "";
  }

  row(i) {
    const row = this.shown[i];
    const tr = el("tr", { tabindex: i === this.active ? 0 : -1, "aria-rowindex": i + 2, class: "row" },
      this.view.columns.map((c) => el("td", { class: c.class, role: "gridcell" }, c.cell(row))));
    tr.position = i;
    if (row === this.opened) tr.setAttribute("aria-selected", "true");
    return tr;
  }

  clicked(event) {
    const tr = event.target.closest("tr.row");
    if (!tr || event.target.closest("a")) return;
    this.focus(tr.position);
    this.view.open(this.shown[tr.position]);
  }

  pressed(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / rowHeight) - 2);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key in steps) {
      event.preventDefault();
      this.focus(Math.min(Math.max(this.active + steps[event.key], 0), this.shown.length - 1));
    } else if (event.key === "Enter" && event.target.matches("tr.row")) {
      event.preventDefault();
      this.view.open(this.shown[this.active]);
    }
  }

  // focus makes a row the one that the keyboard is at.
  focus(i) {
    if (!this.shown.length) return;
    const old = this.drawn.get(this.active);
    if (old) old.setAttribute("tabindex", "-1");
    this.active = i;
    const top = i * rowHeight, head = this.table.tHead.offsetHeight;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + rowHeight + head > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + rowHeight + head - this.box.clientHeight;
    this.draw();
    const tr = this.drawn.get(i);
    tr.setAttribute("tabindex", "0");
    tr.focus({ preventScroll: true });
  }

  // mark shows which row is open.
  mark(row) {
    this.opened = row;
    for (const [i, tr] of this.drawn) tr.setAttribute("aria-selected", String(this.shown[i] === row));
  }

  // print draws many rows at once, and back.
  print(on) {
    this.printing = on;
    this.redraw();
  }
}
