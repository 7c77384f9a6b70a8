// One episode: what was said, what it was worth and why, its tokens, and the other rollouts of its task.

function episode() {
  const row = page.run.row(page.route.what);
  if (row === undefined) return { element: el("p", { class: "nothing" }, "There is no such episode in this run.") };
  const element = el("div", { class: "episode", "aria-busy": "true" });
  const show = () => page.route.query.get("show") ?? "";
  drawEpisode(element, row, show()).catch((error) => fill(element, el("p", { class: "nothing bad" }, error.message)));
  const beside = (by) => {
    const rows = page.run.siblings(row);
    const next = rows[(rows.indexOf(row) + by + rows.length) % rows.length];
    openRow(next);
  };
  const toggle = (name) => go(changed(page.route, { show: show() === name ? "" : name }), { replace: true });
  const step = (by) => {
    const { matches } = page.selection;
    const at = matches.indexOf(row);
    if (at >= 0 && matches[at + by] !== undefined) openRow(matches[at + by]);
  };
  return {
    element,
    keys: {
      j: () => step(1), k: () => step(-1), "]": () => beside(1), "[": () => beside(-1), t: () => toggle("tokens"),
      s: () => toggle("samples"), r: () => toggle("raw"), u: back, Escape: back, h: nextColouring,
    },
  };
}

const back = () => go(address({ view: "episodes", query: Object.fromEntries([...page.route.query].filter(([name]) => name !== "show")) }));

function nextColouring() {
  const now = COLOURINGS.indexOf(page.route.query.get("colour") ?? "who");
  go(changed(page.route, { show: "tokens", colour: COLOURINGS[(now + 1) % COLOURINGS.length] }), { replace: true });
}

async function drawEpisode(element, row, show) {
  const { columns } = page.run;
  const error = columns.error(row);
  const record = error ? null : await page.run.transcript(row);
  const siblings = page.run.siblings(row);
  element.removeAttribute("aria-busy");
  fill(element, episodeHead(row, siblings, record, show));
  if (error) add(element, [errorBox(error)]);
  else if (show === "samples") add(element, [await sideBySide(siblings.map((each) => ({ run: page.run, row: each, label: `sample ${columns.number("sample", each)}` })))]);
  else if (show === "tokens" && record.tokens) add(element, [el("div", { class: "two" }, tokenView(record), episodeFacts(row, record))]);
  else add(element, [el("div", { class: "two" }, conversation(record, show === "raw"), episodeFacts(row, record))]);
}

function episodeHead(row, siblings, record, show) {
  const { columns } = page.run;
  const { matches } = page.selection;
  const at = matches.indexOf(row);
  const link = (view, label) => el("a", { href: changed(page.route, { show: view }), "aria-current": show === view ? "true" : null }, label);
  return el("div", { class: "title" },
    el("h1", {}, markOf(page.run, row), " ", plainText(columns.word("env", row)), el("span", { class: "muted" }, ` task ${columns.number("task", row)}`),
      siblings.length > 1 && el("span", { class: "muted" }, ` · sample ${columns.number("sample", row)}`)),
    el("span", { class: "muted place" }, at >= 0 ? `${whole(at + 1)} of ${whole(matches.length)}` : "outside the filter"),
    record && el("nav", { class: "tabs", "aria-label": "how to show it" }, link("", "Text"), link("raw", "Raw"),
      record.tokens && link("tokens", "Tokens"), siblings.length > 1 && link("samples", "Side by side")),
    siblings.length > 1 && el("nav", { class: "rollouts", "aria-label": "rollouts of this task" }, siblings.map((each) => rollout(each, row))));
}

function rollout(each, row) {
  const { columns } = page.run;
  const reward = columns.error(each) ? "error" : figure(columns.number("reward", each));
  return el("a", { href: address({ view: "episode", what: columns.key(each), query: Object.fromEntries(page.route.query) }), "aria-current": each === row ? "true" : null },
    markOf(page.run, each), ` ${columns.number("sample", each)}`, el("span", { class: "muted" }, ` ${reward}`));
}

const errorBox = (error) =>
  el("section", { class: "card" }, el("h2", {}, plainText(error.error), el("span", { class: "muted" }, ` of infrastructure, in phase ${plainText(error.phase)}, turn ${error.turn + 1}`)),
    el("p", {}, "This attempt has no reward and is no part of the mean. The same command tries it again."), textBlock(error.message, [], { class: "text raw" }));

function conversation(record, raw) {
  const { needles } = page.selection;
  return el("div", { class: "conversation" }, record.messages.map((message) => messageBox(message, record, needles, { raw })));
}

function tokenView(record) {
  const colouring = page.route.query.get("colour") ?? "who";
  return tokenLayer(record.tokens, COLOURINGS.includes(colouring) ? colouring : "who", (name) => go(changed(page.route, { colour: name }), { replace: true }));
}

function episodeFacts(row, record) {
  return el("aside", { "aria-label": "verdict and facts" }, verdictBox(record), timeBox(record), tagBox(row, record), fileList(record));
}

function verdictBox({ verdict, reference, truncated }) {
  const parts = Object.entries(verdict.parts ?? {});
  return el("section", { class: "card verdict" }, el("h2", {}, "Reward ", el("strong", {}, figure(verdict.reward))),
    verdict.status !== "ok" && el("p", { class: "warn" }, `the verifier says: ${plainText(verdict.status)}`),
    truncated && el("p", { class: "warn" }, "a limit ended the episode"),
    verdict.reason && textBlock(verdict.reason, page.selection.needles, { class: "text reason" }),
    parts.length > 0 && el("table", {}, el("thead", {}, el("tr", {}, ["part", "score", "weight", "adds"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, parts.map(([name, part]) => el("tr", {}, el("th", { scope: "row", title: plainText(part.kind) }, plainText(name)),
        el("td", {}, figure(part.score)), el("td", {}, figure(part.weight)), el("td", {}, figure(part.score * part.weight)))))),
    reference && [el("h3", {}, "Reference"), textBlock(reference, [], { class: "text raw" })],
    detailList(verdict.details));
}

function detailList(details) {
  const told = Object.entries(details ?? {});
  return told.length > 0 && el("dl", { class: "details" }, told.map(([name, value]) => [el("dt", {}, plainText(name)), el("dd", {}, textBlock(value))]));
}

function timeBox(record) {
  const model = record.replies.reduce((sum, reply) => sum + reply.took_s, 0);
  const queue = record.replies.reduce((sum, reply) => sum + reply.queued_s, 0);
  const phases = [["model", model], ["queue", queue], ["env", record.env_s], ["verifier", record.verifier_s]];
  const all = phases.reduce((sum, [, value]) => sum + value, 0);
  if (!all) return null; // training keeps no clocks
  let left = 0;
  const bar = el("svg", { class: "interval phases", role: "img", "aria-label": phases.map(([name, value]) => `${name} ${seconds(value)}`).join(", ") });
  for (const [name, value] of phases) {
    bar.append(el("rect", { class: `phase-${name}`, x: percent(left / (all || 1)), width: percent(value / (all || 1)), height: "100%" }));
    left += value;
  }
  return el("section", { class: "card" }, el("h2", {}, "Time ", el("strong", {}, seconds(all))), bar,
    el("dl", { class: "inline" }, phases.map(([name, value]) => el("div", {}, el("dt", { class: `key phase-${name}` }, name), el("dd", {}, seconds(value))))));
}

function tagBox(row, record) {
  const { columns } = page.run;
  const tags = Object.keys(columns.tags).map((tag) => [tag, columns.tag(tag, row)]).filter(([, value]) => value !== null);
  const facts = [["task", record.id], ["end", columns.word("stop", row)], ["fault", columns.word("fault", row)], ["step", numberOrNull(columns.number("step", row))],
    ["difficulty", numberOrNull(columns.number("difficulty", row))], ["turns", columns.number("turns", row)], ["tokens", numberOrNull(columns.number("tokens", row))],
    ...tags, ["ended", record.at_s ? `${seconds(record.at_s)} into the run` : null]];
  return el("section", { class: "card" }, el("h2", {}, "Facts"), el("dl", { class: "details" },
    facts.filter(([, value]) => value !== null && value !== "").map(([name, value]) => [el("dt", {}, plainText(name)), el("dd", {}, plainText(value))])));
}

const fileList = ({ files }) => files.length > 0 && el("section", { class: "card" }, el("h2", {}, "Files"), files.map(fileBox));

// Episodes beside each other, the opening told once.
async function sideBySide(many) {
  const records = await Promise.all(many.map(({ run, row }) => (run.columns.error(row) ? null : run.transcript(row))));
  const first = records.find(Boolean);
  const opening = first ? first.messages.slice(0, first.messages.findIndex((message) => message.reply !== undefined)) : [];
  const isOpening = (message) => opening.some((other) => other.role === message.role && other.content === message.content);
  return el("div", { class: "beside" }, opening.map((message) => messageBox(message, first, [])),
    el("div", { class: "lanes" }, many.map(({ run, row, label }, i) => el("section", { class: "lane", "aria-label": label },
      el("h2", {}, markOf(run, row), ` ${label} `, el("span", { class: "muted" }, records[i] ? figure(records[i].verdict.reward) : "error")),
      records[i]
        ? [records[i].messages.filter((message) => !isOpening(message)).map((message) => messageBox(message, records[i], page.selection.needles)),
          records[i].verdict.reason && textBlock(records[i].verdict.reason, [], { class: "text reason" })]
        : errorBox(run.columns.error(row))))));
}
