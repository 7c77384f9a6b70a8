// The run table: one line for each episode, sorted by any column.

const COLUMNS = [
  { name: "mark", head: "", width: "1.6rem", cell: (row) => markOf(page.run, row) },
  { name: "env", head: "env", width: "minmax(6rem, 1.6fr)", sort: true, narrow: true, cell: (row) => plainText(page.run.columns.word("env", row)) },
  { name: "step", head: "step", width: "4.5rem", sort: true, cell: label("step") },
  { name: "task", head: "task", width: "4.5rem", sort: true, cell: label("task") },
  { name: "sample", head: "sample", width: "4.5rem", sort: true, cell: label("sample") },
  { name: "reward", head: "reward", width: "4.8rem", sort: true, cell: number("reward") },
  { name: "difficulty", head: "difficulty", width: "5.2rem", sort: true, narrow: true, cell: number("difficulty") },
  { name: "end", head: "end", width: "minmax(7rem, 1fr)", sort: true, cell: (row) => endOf(row) },
  { name: "turns", head: "turns", width: "4rem", sort: true, narrow: true, cell: number("turns") },
  { name: "tokens", head: "tokens", width: "5rem", sort: true, narrow: true, cell: number("tokens") },
  { name: "took", head: "time", width: "5.4rem", sort: true, narrow: true, cell: (row) => seconds(page.run.columns.number("took", row)) },
];

// Numbers that name something are written as they are typed.
function label(name) {
  return (row) => String(numberOrNull(page.run.columns.number(name, row)) ?? "–");
}

function number(name) {
  return (row) => figure(page.run.columns.number(name, row));
}

function markOf(run, row) {
  const { columns } = run;
  if (columns.error(row)) return el("span", { class: "mark error", role: "img", "aria-label": "error" }, "!");
  if (columns.number("correct", row) === 1) return el("span", { class: "mark right", role: "img", "aria-label": "right" }, "✓");
  const partly = columns.number("reward", row) > 0;
  return el("span", { class: `mark ${partly ? "partly" : "wrong"}`, role: "img", "aria-label": partly ? "partly right" : "wrong" }, partly ? "◐" : "✗");
}

function endOf(row) {
  const { columns } = page.run;
  const error = columns.error(row);
  if (error) return el("span", { class: "bad", title: plainText(error.message) }, plainText(error.error));
  const fault = columns.word("fault", row);
  return fault ? el("span", { class: "warn" }, plainText(fault)) : plainText(columns.word("stop", row).replaceAll("_", " "));
}

// Columns that say something in this run: tags that fall into some kinds, steps only where there are steps.
function columnsHere() {
  const { columns } = page.run;
  const tags = Object.keys(columns.tags).slice(0, 3).map((tag) => ({
    name: `tag:${tag}`, head: plainText(tag), width: "minmax(5rem, 1fr)", sort: true, narrow: true,
    cell: (row) => plainText(columns.tag(tag, row) ?? ""),
  }));
  const isTold = ({ name }) =>
    !(["step", "difficulty", "tokens"].includes(name) && !columns.some(name)) &&
    !(name === "env" && columns.words.env.names.length < 2) &&
    !(name === "sample" && columns.numbers.sample.every((value) => value === 0));
  const shown = COLUMNS.filter(isTold);
  shown.splice(shown.findIndex(({ name }) => name === "end"), 0, ...tags);
  return matchMedia("(max-width: 640px)").matches ? shown.filter(({ narrow }) => !narrow) : shown;
}

function episodes() {
  const open = (i) => openRow(page.selection.matches[i]);
  const list = new List({ draw: (i) => tableRow(shown, page.selection.matches[i]), open, label: "episodes" });
  let shown = [];
  const update = () => {
    shown = columnsHere();
    list.box.style.setProperty("--columns", shown.map(({ width }) => width).join(" "));
    fill(list.head, tableHead(shown));
    list.cursor = page.cursor;
    list.show(page.selection.matches.length);
  };
  const move = (by) => { list.move(list.cursor + by); page.cursor = list.cursor; };
  const narrow = matchMedia("(max-width: 640px)");
  narrow.addEventListener("change", update);
  requestAnimationFrame(() => { update(); list.move(page.cursor); });
  return {
    element: el("div", { class: "episodes" }, list.box),
    update,
    list,
    keys: {
      j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
      PageDown: () => move(20), PageUp: () => move(-20), Home: () => move(-Infinity), End: () => move(Infinity),
      G: () => move(Infinity), Enter: () => list.count && open(list.cursor), o: () => list.count && open(list.cursor),
    },
    close: () => { list.close(); narrow.removeEventListener("change", update); },
  };
}

function openRow(row, view = "episode", query = {}) {
  page.cursor = Math.max(0, page.selection.matches.indexOf(row));
  go(address({ view, what: page.run.columns.key(row), query: { ...Object.fromEntries(page.route.query), ...query } }));
}

const wordClass = (name) => (name === "end" || name === "env" || name.startsWith("tag:") ? "word" : "");

function tableHead(shown) {
  const sort = page.route.query.get("sort") ?? "";
  return el("div", { role: "row", class: "row" }, shown.map(({ name, head, sort: sorts }) => {
    const direction = sort === name ? "ascending" : sort === `-${name}` ? "descending" : "none";
    if (!sorts) return el("span", { role: "columnheader" }, el("span", { class: "unseen" }, "outcome"));
    const press = () => go(changed(page.route, { sort: { none: name, ascending: `-${name}`, descending: "" }[direction] }), { replace: true });
    return el("span", { role: "columnheader", "aria-sort": direction, class: wordClass(name) },
      button([head, { ascending: " ↑", descending: " ↓", none: "" }[direction]], press, { title: `sort by ${head}`, "data-sort": name }));
  }));
}

function tableRow(shown, row) {
  const { columns } = page.run;
  const link = address({ view: "episode", what: columns.key(row), query: Object.fromEntries(page.route.query) });
  return el("div", { role: "row", class: "row" }, shown.map(({ name, cell }) =>
    el("span", { role: "cell", class: wordClass(name) },
      name === "task" ? el("a", { href: link }, cell(row)) : cell(row))));
}
