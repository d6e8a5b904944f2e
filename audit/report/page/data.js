// Reading the data of the page: the index, and the blocks when they are asked
// for. Nothing here knows what anything looks like.

const index = JSON.parse(document.getElementById("index").textContent);
const strings = index.strings;
const sets = index.sets;
const verdicts = index.meta.verdicts;
const severities = ["error", "warning", "notice", "problem"];

// typed turns the columns of a table into typed arrays.
function typed(columns) {
  const out = {};
  for (const name of Object.keys(columns)) out[name] = Int32Array.from(columns[name] || []);
  return out;
}
const repos = typed(index.repositories);
const refs = typed(index.references);
const notes = typed(index.notes);
const secrets = typed(index.secrets);
const several = repos.name.length > 1;

// tally counts how often each number below n stands in a column.
function tally(column, n) {
  const out = new Int32Array(n);
  for (let i = 0; i < column.length; i++) if (column[i] >= 0 && column[i] < n) out[column[i]]++;
  return out;
}

// repoCounts has the references of each repository by verdict.
const repoCounts = verdicts.map(() => new Int32Array(repos.name.length));
for (let i = 0; i < refs.repository.length; i++) repoCounts[refs.verdict[i]][refs.repository[i]]++;
const repoFindings = new Int32Array(repos.name.length);
const repoProblems = new Int32Array(repos.name.length);
for (let i = 0; i < notes.repository.length; i++) {
  if (notes.repository[i] >= 0) (notes.severity[i] === 3 ? repoProblems : repoFindings)[notes.repository[i]]++;
}

// lower has the texts as the search compares them.
let lowered = null;
const lower = () => lowered || (lowered = strings.map((s) => s.toLowerCase()));

// matching tells for each text whether a word stands in it.
const matchCache = new Map();
function matching(word) {
  let hit = matchCache.get(word);
  if (hit) return hit;
  const all = lower();
  const texts = new Uint8Array(all.length);
  for (let i = 0; i < all.length; i++) if (all[i].includes(word)) texts[i] = 1;
  const lists = new Uint8Array(sets.length);
  for (let i = 0; i < sets.length; i++) if (sets[i].some((n) => texts[n])) lists[i] = 1;
  hit = { texts, lists };
  if (matchCache.size > 30) matchCache.clear();
  matchCache.set(word, hit);
  return hit;
}

// holding tells for each list whether a text is in it.
function holding(text) {
  const n = strings.indexOf(text);
  const out = new Uint8Array(sets.length);
  if (n >= 0) sets.forEach((list, i) => { if (list.includes(n)) out[i] = 1; });
  return out;
}

// ranks gives each text its place in the order of people, once.
let ranked = null;
function ranks() {
  if (!ranked) {
    const collator = new Intl.Collator("en", { numeric: true });
    const order = strings.map((_, i) => i).sort((a, b) => collator.compare(strings[a], strings[b]));
    ranked = new Int32Array(strings.length);
    order.forEach((n, rank) => { ranked[n] = rank; });
  }
  return ranked;
}

// unpack reads a block: for each kind of record, those that it holds.
async function unpack(number) {
  const text = document.getElementById("block-" + number).textContent;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const out = { references: [], notes: [], repositories: [], secrets: [] };
  for (const [kind, record] of JSON.parse(await new Response(stream).text())) out[kind].push(record);
  return out;
}

// record finds all that is known of one reference, finding, repository or
// secret. A few blocks stay unpacked.
const unpacked = new Map();
async function record(kind, number) {
  const starts = index.blocks[kind];
  let low = 0, high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= number) low = middle; else high = middle - 1;
  }
  let block = unpacked.get(low);
  if (!block) {
    block = unpack(low);
    if (unpacked.size >= 24) unpacked.delete(unpacked.keys().next().value);
    unpacked.set(low, block);
  }
  return (await block)[kind][number - starts[low]];
}

// linkable is an address that may be followed: one of GitHub's own pages.
function linkable(address) {
  try {
    const url = new URL(address);
    return url.protocol === "https:" && url.origin === new URL(index.meta.web).origin ? url.href : null;
  } catch {
    return null;
  }
}

// own looks up a word that may come from the report: what every object has is
// not in a table.
const own = (table, key) => Object.hasOwn(table, key) ? table[key] : undefined;

// thousands writes a number, plural a number and what it counts.
const thousands = (n) => n.toLocaleString("en");
const plural = (n, one, many) => thousands(n) + " " + (n === 1 ? one : many || one + "s");
