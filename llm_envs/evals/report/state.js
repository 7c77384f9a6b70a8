// What the page holds, and how it tells people what happens.

const page = {
  run: null,
  against: null,
  selection: null,
  route: null,
  view: null,
  cursor: 0,
};

const filterText = () => page.route?.query.get("filter") ?? "";

function say(text) {
  byId("status").textContent = text;
}

// One more term in the filter, here or in another view.
function narrowed(term, view = page.route.view) {
  const held = filterText();
  const wrapped = /\bor\b/i.test(held) ? `(${held})` : held;
  const filter = held.includes(term) ? held : `${wrapped} ${term}`.trim();
  return address({ view, query: { filter, sort: page.route.query.get("sort") } });
}

// Episodes that the filter leaves, errors left out.
const scored = () => page.selection.matches.filter((row) => row < page.run.columns.episodes);

// The mean of a column over rows, with its interval.
function meanOfRows(rows, column) {
  const { columns } = page.run;
  const known = rows.filter((row) => !Number.isNaN(column[row]));
  return meanOf(Float64Array.from(known, (row) => column[row]), known.map((row) => columns.clusters[row]));
}

const statistic = ({ mean, low, high }) =>
  Number.isNaN(low) ? figure(mean) : `${figure(mean)} [${figure(low)}, ${figure(high)}]`;
