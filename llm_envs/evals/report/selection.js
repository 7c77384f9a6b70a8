// The rows that a filter leaves, sorted. Text is searched chunk by chunk, and stops when another filter comes.

class Selection {
  constructor(run) {
    this.run = run;
    this.source = null;
    this.tree = { and: [] };
    this.error = "";
    this.matches = [];
    this.progress = null;
    this.turn = 0;
  }

  // Returns when everything is found; `told` is called whenever there is more to show.
  async apply(source, sort, told) {
    const turn = ++this.turn;
    this.source = source;
    this.sort = sort;
    this.error = "";
    this.progress = null;
    try {
      const tree = parseFilter(source);
      checkNames(tree, this.run);
      this.tree = tree;
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      this.error = error.message;
      told();
      return;
    }
    const { sure, open } = this.#byColumns();
    this.matches = sorted(this.run, sure, sort);
    if (open.length) await this.#byText(sure, open, turn, told);
    else told();
  }

  get needles() {
    return needlesOf(this.tree);
  }

  #byColumns() {
    const sure = [];
    const open = [];
    for (let row = 0; row < this.run.columns.rows; row++) {
      const held = rowHolds(this.tree, this.run, row);
      if (held) sure.push(row);
      else if (held === null) open.push(row);
    }
    return { sure, open };
  }

  async #byText(found, open, turn, told) {
    const { run } = this;
    let shown = 0;
    const chunks = Map.groupBy(open, (row) => (run.columns.error(row) ? -1 : run.chunkOf(row)));
    let done = 0;
    this.progress = { done, all: chunks.size };
    told();
    for (const [number, rows] of chunks) {
      const records = number < 0 ? null : await run.chunk(number);
      if (turn !== this.turn) return;
      for (const row of rows) {
        const record = records ? records[row - run.chunks[number]] : run.columns.error(row);
        if (textHolds(this.tree, run, row, searchable(record))) found.push(row);
      }
      this.progress = { done: ++done, all: chunks.size };
      if (performance.now() - shown > 150) {
        this.matches = sorted(run, found, this.sort);
        told();
        shown = performance.now();
        await new Promise((next) => setTimeout(next));
        if (turn !== this.turn) return;
      }
    }
    this.progress = null;
    this.matches = sorted(run, found, this.sort);
    told();
  }
}

// Everything of an episode that somebody wrote, lower case.
function searchable(record) {
  if (!record.messages) return record.message.toLowerCase();
  const said = record.messages.map((message) =>
    message.tool_calls ? `${message.content}\n${JSON.stringify(message.tool_calls)}` : message.content,
  );
  return [...said, record.verdict?.reason, record.reference, record.id].join("\n").toLowerCase();
}

// Sorted by a column, "-" before its name for the largest first; rows without a value come last.
function sorted(run, rows, sort) {
  const copy = Float64Array.from(rows);
  const { columns } = run;
  if (!sort) return [...copy.sort((a, b) => byPlace(columns, a, b))];
  const name = sort.replace(/^-/, "");
  const sign = sort.startsWith("-") ? -1 : 1;
  const value = sortValue(columns, name);
  return [...copy.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    const [none, other] = [x === null || Number.isNaN(x), y === null || Number.isNaN(y)];
    if (none || other) return none - other || byPlace(columns, a, b);
    return (x < y ? -sign : x > y ? sign : 0) || byPlace(columns, a, b);
  })];
}

function sortValue(columns, name) {
  if (name in columns.numbers) return (row) => columns.numbers[name][row];
  if (name.startsWith("tag:")) return columns.tags[name.slice(4)] ? (row) => columns.tag(name.slice(4), row) : () => null;
  if (name === "end") return (row) => columns.error(row)?.error ?? (columns.word("fault", row) || columns.word("stop", row));
  return name in columns.words ? (row) => columns.word(name, row) : () => null;
}

function byPlace(columns, a, b) {
  const { step, task, sample } = columns.numbers;
  return (
    (step[a] || 0) - (step[b] || 0) ||
    columns.words.env.codes[a] - columns.words.env.codes[b] ||
    task[a] - task[b] ||
    sample[a] - sample[b]
  );
}
