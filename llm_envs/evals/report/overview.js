// The whole run, or what a filter leaves of it: the headline, the envs, the curve of training, and breakdowns.

function overview() {
  const element = el("div", { class: "overview" });
  const draw = () => fill(element, overviewParts());
  draw();
  return { element, update: draw };
}

function overviewParts() {
  const rows = scored();
  const { columns } = page.run;
  const figures = ownFigures();
  const own = figures?.envs.length === 1 ? figures.envs[0] : null;
  if (!page.run.columns.rows) return el("p", { class: "muted nothing" }, "No episode has ended yet.");
  return [
    headline(rows),
    trainingCurve(rows),
    envTable(rows),
    triesPanel(figures),
    el("div", { class: "panels" },
      panel("Difficulty", "difficulty", groupsBy(rows, (row) => numberOrNull(columns.number("difficulty", row))), (name) => `difficulty=${name}`, own?.difficulty),
      Object.keys(columns.tags).map((tag) =>
        panel(plainText(tag), "tag", groupsBy(rows, (row) => columns.tag(tag, row)), (name) => `tag:${quotedName(tag)}=${quoted(name)}`, own && Object.hasOwn(own.tags, tag) ? own.tags[tag] : {})),
      partPanel(rows),
      panel("How it ended", "end", groupsBy(rows, (row) => columns.word("stop", row)), (name) => `stop:${quoted(name)}`, own?.stop_reasons),
      panel("What went wrong", "fault", groupsBy(rows, (row) => columns.word("fault", row) || null), (name) => `fault:${quoted(name)}`),
      timingPanel(figures),
      spreadPanel("Tokens", "tokens", rows, whole),
      spreadPanel("Time", "took", rows, seconds)),
    errorPanel(),
    aboutPanel(),
  ];
}

const numberOrNull = (value) => (Number.isNaN(value) ? null : value);
const quotedName = (name) => (/^[\w.-]+$/.test(name) ? name : `"${name.replaceAll('"', '\\"')}"`);

// Rows by name, those without one left out.
function groupsBy(rows, nameOf) {
  const groups = new Map();
  for (const row of rows) {
    const name = nameOf(row);
    if (name === null) continue;
    if (groups.has(name)) groups.get(name).push(row);
    else groups.set(name, [row]);
  }
  return groups;
}

const HEADLINES = names({ training: "mean reward of the episodes kept" });

function headline(rows) {
  const { columns } = page.run;
  const told = ownFigures();
  const reward = interval(told?.reward) ?? meanOfRows(rows, columns.numbers.reward);
  const errors = page.selection.matches.length - rows.length;
  return el("section", { class: "headline", "aria-label": "headline" },
    el("div", { class: "score" }, el("strong", {}, figure(reward.mean)), el("span", {}, HEADLINES[page.run.about.kind] ?? (told?.envs.length > 1 ? "mean reward over envs" : "mean reward")),
      el("span", { class: "muted" }, `95% interval ${figure(reward.low)} to ${figure(reward.high)}${reward.method ? `, ${reward.method}` : ""}`), intervalBar(reward, page.run.columns.range)),
    el("dl", { class: "facts" },
      fact("scored", `${whole(rows.length)}${filterText() || !page.run.planned ? "" : ` of ${whole(page.run.planned)}`}`),
      fact("right", `${whole(count(rows, columns.numbers.correct, 1))} (${share(count(rows, columns.numbers.correct, 1), rows.length)})`),
      fact("errors", whole(errors), errors ? "is:error" : ""),
      errors > 0 && fact("if errors were 0 or 1", told?.bounds ? told.bounds.map((end) => figure(end)).join(" to ") : bounds(reward.mean, rows.length, errors)),
      fact("cut off", whole(rows.filter((row) => columns.word("fault", row) === "cut off").length), 'fault:"cut off"'),
      fact("tokens", total(rows, columns.numbers.tokens, whole)),
      columns.some("took") && fact("median time", seconds(median(rows, columns.numbers.took)))));
}

const bounds = (mean, n, errors) => `${figure((mean * n) / (n + errors))} to ${figure((mean * n + errors) / (n + errors))}`;
const count = (rows, column, value) => rows.reduce((sum, row) => sum + (column[row] === value), 0);
const share = (part, all) => (all ? `${((100 * part) / all).toFixed(1)}%` : "–");

function fact(name, value, term = "") {
  const shown = term ? el("a", { href: narrowed(term, "episodes") }, value) : value;
  return el("div", {}, el("dt", {}, name), el("dd", {}, shown));
}

function total(rows, column, show) {
  const known = rows.filter((row) => !Number.isNaN(column[row]));
  return known.length ? show(known.reduce((sum, row) => sum + column[row], 0)) : "–";
}

const median = (rows, column) =>
  quantile(Float64Array.from(rows, (row) => column[row]).filter((value) => !Number.isNaN(value)).sort(), 0.5);

// The run's own figures, where all of it is shown and they are up to date.
function ownFigures() {
  const { summary, columns } = page.run;
  return !filterText() && summary?.scored === columns.episodes ? summary : null;
}

const interval = (told) => (told ? { ...told, mean: told.mean ?? NaN, low: told.low ?? NaN, high: told.high ?? NaN } : null);

function envTable(rows) {
  const { columns } = page.run;
  const groups = groupsBy(page.selection.matches, (row) => columns.word("env", row));
  const range = page.run.columns.range;
  const lines = [...groups].map(([env, all]) => {
    const ended = all.filter((row) => row < columns.episodes);
    const told = ownFigures()?.envs.find(({ label }) => label === env);
    const reward = interval(told?.reward) ?? meanOfRows(ended, columns.numbers.reward);
    return el("tr", {},
      el("th", { scope: "row" }, el("a", { href: narrowed(`env:${quoted(env)}`, "episodes") }, plainText(env))),
      el("td", { class: "wide" }, intervalBar(reward, range)),
      el("td", {}, statistic(reward)),
      el("td", {}, whole(ended.length)),
      el("td", {}, share(count(ended, columns.numbers.correct, 1), ended.length)),
      el("td", {}, whole(all.length - ended.length)),
      el("td", {}, figure(median(ended, columns.numbers.turns), 1)),
      el("td", {}, figure(median(ended, columns.numbers.tokens), 0)),
      el("td", {}, seconds(median(ended, columns.numbers.took))));
  });
  const names = ["env", "", "mean reward [95% interval]", "scored", "right", "errors", "turns", "tokens", "time"];
  return el("section", { class: "card scrolls" }, el("h2", {}, "Envs ", el("span", { class: "muted" }, "turns, tokens and time are medians")),
    el("table", {}, el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, lines)));
}

const MOST_GROUPS = 12;

// `told` are the run's own intervals by name.
function panel(title, kind, groups, term, told = {}) {
  if (!groups.size || (groups.size === 1 && kind !== "fault")) return null;
  const range = page.run.columns.range;
  const byName = kind === "difficulty";
  const ordered = [...groups].sort(byName ? (a, b) => a[0] - b[0] : (a, b) => b[1].length - a[1].length);
  const lines = ordered.map(([name, rows]) => {
    const reward = interval(Object.hasOwn(told, name) ? told[name] : null) ?? meanOfRows(rows, page.run.columns.numbers.reward);
    return groupLine(name, whole(rows.length), reward, range, narrowed(term(name), "episodes"));
  });
  return el("section", { class: "card" }, el("h2", {}, title, " ", el("span", { class: "muted" }, "mean reward")), el("div", { class: "groups" }, lines.slice(0, MOST_GROUPS)),
    lines.length > MOST_GROUPS && folded(`${lines.length - MOST_GROUPS} more`, () => el("div", { class: "groups" }, lines.slice(MOST_GROUPS))));
}

function groupLine(name, size, value, range, href) {
  return el("a", { class: "group", href, title: "see these episodes" },
    el("span", { class: "name" }, plainText(name)), el("span", { class: "muted size" }, size), intervalBar(value, range),
    el("span", { class: "value" }, figure(value.mean)));
}

function partPanel(rows) {
  const parts = Object.entries(page.run.columns.parts);
  if (parts.length < 2) return null;
  const lines = parts.map(([name, column]) => {
    const value = meanOfRows(rows, column);
    return groupLine(name, whole(value.n), value, [0, 1], narrowed(`part:${quotedName(name)}<1`, "episodes"));
  });
  return el("section", { class: "card" }, el("h2", {}, "Parts of the reward ", el("span", { class: "muted" }, "mean score")), el("div", { class: "groups" }, lines));
}

function spreadPanel(title, field, rows, show) {
  const column = page.run.columns.numbers[field];
  const values = rows.map((row) => column[row]).filter((value) => !Number.isNaN(value));
  if (values.length < 2 || values.every((value) => value === values[0])) return null;
  const cut = (value) => +value.toPrecision(6);
  const pick = (low, high, isLast) => go(narrowed(`${field}>=${cut(low)}${isLast ? "" : ` ${field}<${cut(high)}`}`, "episodes"));
  return el("section", { class: "card" }, histogram(values, { label: title, show, pick }));
}

const MOST_POINTS = 200;

function trainingCurve(rows) {
  const { columns, metrics } = page.run;
  if (!filterText() && (metrics.step?.length ?? 0) > 1) return metricCurves(metrics);
  const steps = groupsBy(rows, (row) => numberOrNull(columns.number("step", row)));
  if (steps.size < 2) return null;
  const ordered = [...steps].sort((a, b) => a[0] - b[0]);
  const size = Math.ceil(ordered.length / MOST_POINTS);
  const points = (column) => {
    const found = [];
    for (let i = 0; i < ordered.length; i += size) {
      const some = ordered.slice(i, i + size);
      found.push({ x: some.at(-1)[0], ...meanOfRows(some.flatMap(([, its]) => its), column) });
    }
    return found;
  };
  return el("section", { class: "card curves" }, el("h2", {}, "Training"),
    curve(points(columns.numbers.reward), { label: "Mean reward by step", x: "step" }),
    columns.some("tokens") && curve(points(columns.numbers.tokens), { label: "Tokens by step", x: "step" }));
}

// What training has logged, of every episode; the journal keeps some of them only.
function metricCurves({ step, ...metrics }) {
  const points = (values) => thinned(step.map((x, i) => ({ x, mean: values[i] ?? NaN, low: NaN, high: NaN })).filter(({ mean }) => !Number.isNaN(mean)));
  return el("section", { class: "card curves" }, el("h2", {}, "Training ", el("span", { class: "muted" }, "as logged, by step")),
    Object.entries(metrics).map(([name, values]) => [name, points(values)]).filter(([, found]) => found.length > 1)
      .map(([name, found]) => curve(found, { label: plainText(name), x: "step" })));
}

// The last of every few, so that the newest is among them.
function thinned(points) {
  const size = Math.ceil(points.length / MOST_POINTS);
  return points.filter((_, i) => (points.length - 1 - i) % size === 0);
}

// What k tries at a task are worth.
function triesPanel(figures) {
  const envs = (figures?.envs ?? []).filter((env) => Object.keys(env.at_k).length);
  if (!envs.length) return null;
  const ks = [...new Set(envs.flatMap((env) => Object.values(env.at_k).flatMap((by) => Object.keys(by))))].sort((a, b) => a - b);
  const lines = envs.flatMap((env) => Object.entries(env.at_k).map(([name, by]) => el("tr", {},
    el("th", { scope: "row" }, envs.length > 1 ? `${plainText(env.label)} ` : "", name),
    ks.map((k) => el("td", {}, by[k] ? el("span", { class: "stack" }, statistic(interval(by[k])), intervalBar(interval(by[k]))) : "")))));
  return el("section", { class: "card scrolls" }, el("h2", {}, "Several tries ", el("span", { class: "muted" }, "with 95% intervals over tasks")),
    el("table", {}, el("thead", {}, el("tr", {}, el("th", { scope: "col" }, ""), ks.map((k) => el("th", { scope: "col" }, `k = ${k}`)))), el("tbody", {}, lines)));
}

function timingPanel(figures) {
  const timing = figures?.timing;
  if (!timing?.bottleneck) return null;
  const all = Object.values(timing.phases_s).reduce((sum, value) => sum + value, 0);
  const lines = Object.entries(timing.phases_s).map(([name, value]) => el("div", { class: "group" }, el("span", { class: "name" }, name), el("span", {}),
    intervalBar({ mean: value / all, low: NaN, high: NaN }), el("span", { class: "value" }, seconds(value))));
  const { p50, p95 } = timing.latency_s;
  return el("section", { class: "card" }, el("h2", {}, "Where time went ", el("span", { class: "muted" }, "summed over episodes")), el("div", { class: "groups" }, lines),
    el("p", { class: "muted after" }, `${plainText(timing.bottleneck)}: ${plainText(timing.advice)}. `, p50 !== null && `A reply took ${seconds(p50)} in the median, ${seconds(p95)} at the 95th percentile; the run ${seconds(timing.wall_s)}.`));
}

function errorPanel() {
  const { columns } = page.run;
  const rows = page.selection.matches.filter((row) => row >= columns.episodes);
  if (!rows.length) return null;
  const groups = groupsBy(rows, (row) => columns.error(row).error);
  return el("section", { class: "card" }, el("h2", {}, "Errors ", el("span", { class: "muted" }, "of infrastructure: no reward, no part of the mean")),
    el("table", {}, el("tbody", {}, [...groups].map(([name, its]) => el("tr", {},
      el("th", { scope: "row" }, el("a", { href: narrowed(`error:${quoted(name)}`, "episodes") }, plainText(name))),
      el("td", {}, whole(its.length)),
      el("td", { class: "wide" }, plainText(columns.error(its[0]).message).slice(0, 200)))))));
}

function aboutPanel() {
  const { plan = {}, config = {}, versions = {}, kind } = page.run.about;
  const facts = { kind, model: plan.model, tasks: plan.tasks, samples: plan.samples, seed: plan.seed, split: plan.split, system: plan.system };
  Object.assign(facts, plan.decoding, config, versions);
  const told = Object.entries(facts).filter(([, value]) => value !== null && value !== undefined && value !== "" && String(value) !== "[object Object]");
  return el("section", { class: "card" }, el("h2", {}, "About this run"),
    el("dl", { class: "facts about" }, told.map(([name, value]) => fact(plainText(name), plainText(value)))),
    folded("run.json", () => textBlock(JSON.stringify(page.run.about, null, 2), [], { class: "text raw" })));
}
