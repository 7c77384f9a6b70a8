// A run: its columns at once, its transcripts when somebody looks at them.

const KEPT_CHUNKS = 6;

const unbase64 = (text) =>
  Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).json();
}

// Where data come from: blocks in this file ...
class Blocks {
  constructor(name) {
    this.name = name;
  }

  index() {
    const block = byId(`${this.name}-index`);
    return block ? unpacked(unbase64(block.textContent)) : null;
  }

  async chunk(number) {
    const block = await this.#arrived(`${this.name}-${number}`);
    return unpacked(unbase64(block.textContent));
  }

  // The page shows itself while the browser still reads the rest of the file.
  async #arrived(id) {
    while (!byId(id) && document.readyState === "loading") await new Promise((done) => setTimeout(done, 20));
    const block = byId(id);
    if (!block) throw new Error("This file is cut off: the transcript is not in it.");
    return block;
  }
}

// ... or a server on this machine.
const token = () => new URLSearchParams(location.search).get("token") || "";

async function served(path) {
  const joint = path.includes("?") ? "&" : "?";
  const answer = await fetch(`${path}${joint}token=${encodeURIComponent(token())}`, { cache: "no-store" });
  if (!answer.ok) throw new Error(`The server says ${answer.status} to ${path}.`);
  return answer;
}

class Server {
  async index(after = 0) {
    return (await served(`index?after=${after}`)).json();
  }

  async chunk(number) {
    return unpacked(await (await served(`chunk/${number}`)).arrayBuffer());
  }
}

class Run {
  static async load(source) {
    const index = await source.index();
    return index && new Run(source, index);
  }

  constructor(source, index) {
    this.source = source;
    this.columns = new Columns();
    this.kept = new Map();
    this.take(index);
  }

  take(index) {
    this.about = index.about;
    this.name = index.name;
    this.planned = index.planned;
    this.chunks = index.chunks;
    this.metrics = index.metrics ?? {};
    this.summary = index.summary || null;
    this.comparison = index.comparison || null;
    this.generation = index.generation ?? 0;
    this.columns.take(index.columns, index.errors);
    this.rowsByKey = null;
  }

  row(key) {
    if (!this.rowsByKey) {
      this.rowsByKey = new Map();
      for (let row = 0; row < this.columns.rows; row++) this.rowsByKey.set(this.columns.key(row), row);
    }
    return this.rowsByKey.get(key);
  }

  // The rows of one task, by sample.
  siblings(row) {
    const { columns } = this;
    const { clusters } = columns;
    const found = [];
    for (let other = 0; other < columns.rows; other++) if (clusters[other] === clusters[row]) found.push(other);
    return found.sort((a, b) => columns.number("sample", a) - columns.number("sample", b));
  }

  chunkOf(row) {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.chunks[middle] <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  async transcript(row) {
    const number = this.chunkOf(row);
    return (await this.chunk(number))[row - this.chunks[number]];
  }

  async chunk(number) {
    let chunk = this.kept.get(number);
    this.kept.delete(number);
    if (!chunk) chunk = this.source.chunk(number);
    this.kept.set(number, chunk);
    if (this.kept.size > KEPT_CHUNKS) this.kept.delete(this.kept.keys().next().value);
    return chunk;
  }
}
