// Two runs, attempt by attempt: what the one gets right and the other does not.

// For each row of the run: lost, gained, both, neither; undefined where the other run has no such attempt.
function flipsOf(run, other) {
  const flips = new Array(run.columns.rows);
  for (let row = 0; row < run.columns.episodes; row++) {
    const match = other.row(run.columns.key(row));
    if (match === undefined || match >= other.columns.episodes) continue;
    const now = run.columns.number("correct", row) === 1;
    const before = other.columns.number("correct", match) === 1;
    flips[row] = now === before ? (now ? "both" : "neither") : now ? "gained" : "lost";
  }
  return flips;
}

const FLIP_TOLD = {
  lost: "right before, wrong now",
  gained: "wrong before, right now",
  both: "right in both",
  neither: "right in neither",
};

function compare() {
  if (!page.against) return { element: el("p", { class: "nothing" }, "This report holds one run. Another is put beside it by --against.") };
  const rows = scored().filter((row) => page.run.flips[row]);
  const order = { lost: 0, gained: 1 };
  const flipped = rows.filter((row) => page.run.flips[row] in order).sort((a, b) => order[page.run.flips[a]] - order[page.run.flips[b]]);
  const open = (i) => go(address({ view: "pair", what: page.run.columns.key(flipped[i]), query: Object.fromEntries(page.route.query) }));
  const list = new List({ draw: (i) => flipRow(flipped[i]), open, label: "flips", columns: "1.6rem 5rem minmax(6rem, 2fr) 4.5rem 4.5rem 5rem 5rem" });
  fill(list.head, el("div", { role: "row", class: "row" }, ["now", "flip", "env", "task", "sample", "before", "now"].map((name, i) => el("span", { role: "columnheader", class: i < 3 ? "word" : "" }, i ? name : el("span", { class: "unseen" }, name)))));
  requestAnimationFrame(() => list.show(flipped.length));
  const move = (by) => list.move(list.cursor + by);
  return {
    element: el("div", { class: "compare" }, compareHead(rows), flipped.length ? list.box : el("p", { class: "muted nothing" }, "No attempt turned from right to wrong or back.")),
    list,
    keys: { j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1), Enter: () => list.count && open(list.cursor), o: () => list.count && open(list.cursor) },
    close: () => list.close(),
  };
}

function compareHead(rows) {
  const { run, against } = page;
  const told = filterText() ? null : interval(run.comparison?.overall);
  const other = (row) => against.columns.number("reward", against.row(run.columns.key(row)));
  const difference = told ?? meanOf(Float64Array.from(rows, (row) => run.columns.number("reward", row) - other(row)), rows.map((row) => run.columns.clusters[row]));
  const counts = Object.keys(FLIP_TOLD).map((name) => [name, rows.filter((row) => run.flips[row] === name).length]);
  return el("section", { class: "headline", "aria-label": "comparison" },
    el("div", { class: "score" }, el("strong", {}, `${difference.mean > 0 ? "+" : ""}${figure(difference.mean)}`), el("span", {}, "difference in mean reward"),
      el("span", { class: "muted" }, `95% interval ${figure(difference.low)} to ${figure(difference.high)}, ${plural(rows.length, "pair")}`),
      el("span", { class: "muted" }, "now ", el("b", {}, plainText(run.name)), ", before ", el("b", {}, plainText(against.name)))),
    told && el("p", { class: "sentence" }, plainText(run.comparison.sentence), unlikeTold(run.comparison)),
    el("dl", { class: "facts" }, counts.map(([name, size]) => fact(FLIP_TOLD[name], whole(size), `flip:${name}`))));
}

function unlikeTold({ envs }) {
  const unlike = envs.reduce((sum, env) => sum + env.unlike, 0);
  return unlike > 0 && el("span", { class: "warn" }, ` ${plural(unlike, "pair")} of attempts had different tasks: the figure leaves them out.`);
}

function flipRow(row) {
  const { run, against } = page;
  const flip = run.flips[row];
  const match = against.row(run.columns.key(row));
  const cells = [markOf(run, row), el("span", { class: flip === "lost" ? "bad" : "good" }, flip), plainText(run.columns.word("env", row)),
    run.columns.number("task", row), run.columns.number("sample", row), figure(against.columns.number("reward", match)), figure(run.columns.number("reward", row))];
  return el("div", { role: "row", class: "row" }, cells.map((cell, i) => el("span", { role: "cell", class: i < 3 ? "word" : "" }, cell)));
}

function pair() {
  const { run, against } = page;
  const row = run.row(page.route.what);
  const match = against?.row(page.route.what);
  if (row === undefined || match === undefined) return { element: el("p", { class: "nothing" }, "There is no such pair of episodes.") };
  const element = el("div", { class: "episode" });
  fill(element, el("div", { class: "title" }, el("h1", {}, plainText(run.columns.word("env", row)),
    el("span", { class: "muted" }, ` task ${run.columns.number("task", row)} · sample ${run.columns.number("sample", row)} · ${FLIP_TOLD[run.flips[row]] ?? ""}`))));
  sideBySide([{ run: against, row: match, label: "before" }, { run, row, label: "now" }])
    .then((drawn) => element.append(drawn), (error) => element.append(el("p", { class: "bad" }, error.message)));
  const leave = () => go(address({ view: "compare", query: Object.fromEntries(page.route.query) }));
  return { element, keys: { u: leave, Escape: leave } };
}
