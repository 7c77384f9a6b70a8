// The columns of a run as typed arrays: rows are episodes in the order they ended, then errors nothing has overcome.

class Columns {
  constructor() {
    this.episodes = 0;
    this.rows = 0;
    this.numbers = names();
    this.words = names();
    this.tags = names();
    this.parts = names();
    this.errors = [];
  }

  // Rows from `plain.after` on; errors are always told as a whole.
  take(plain, errors) {
    this.episodes = plain.rows;
    this.rows = plain.rows + errors.length;
    this.errors = errors;
    this.held = null;
    this.rangeHeld = null;
    for (const kind of ["numbers", "parts"]) {
      for (const [name, values] of Object.entries(plain[kind])) {
        this[kind][name] = this.#grown(this[kind][name], plain, values, Float64Array, NaN);
      }
    }
    for (const kind of ["words", "tags"]) {
      for (const [name, { names: known, codes }] of Object.entries(plain[kind])) {
        const held = this[kind][name]?.codes;
        this[kind][name] = { names: known, codes: this.#grown(held, plain, codes, Int32Array, -1) };
      }
    }
    this.#addErrors(plain.rows);
  }

  #grown(held, plain, values, Kind, none) {
    const grown = new Kind(this.rows).fill(none);
    if (held) grown.set(held.subarray(0, plain.after));
    const full = Array.isArray(values);
    for (let row = plain.after; row < plain.rows; row++) {
      const value = full ? values[row - plain.after] : values;
      grown[row] = value === null ? none : value;
    }
    return grown;
  }

  #addErrors(first) {
    const env = this.words.env;
    this.errors.forEach((error, i) => {
      let code = env.names.indexOf(error.env);
      if (code < 0) code = env.names.push(error.env) - 1;
      env.codes[first + i] = code;
      this.numbers.task[first + i] = error.task;
      this.numbers.sample[first + i] = error.sample;
    });
  }

  error(row) {
    return row >= this.episodes ? this.errors[row - this.episodes] : null;
  }

  number(name, row) {
    return this.numbers[name][row];
  }

  word(name, row) {
    return this.#named(this.words[name], row);
  }

  tag(name, row) {
    return this.#named(this.tags[name], row);
  }

  #named(column, row) {
    const code = column.codes[row];
    return code < 0 ? null : column.names[code];
  }

  some(name) {
    return this.numbers[name].some((value) => !Number.isNaN(value));
  }

  // The least and the most that any reward is; at least 0 and 1.
  get range() {
    if (!this.rangeHeld) {
      let [low, high] = [0, 1];
      for (const value of this.numbers.reward) {
        if (value < low) low = value;
        if (value > high) high = value;
      }
      this.rangeHeld = [low, high];
    }
    return this.rangeHeld;
  }

  // What a row is called: env, task, sample and, in training, the step.
  key(row) {
    const step = this.numbers.step[row];
    const parts = [encodeURIComponent(this.word("env", row)), this.number("task", row), this.number("sample", row)];
    return (Number.isNaN(step) ? parts : [...parts, step]).join("/");
  }

  // A number for each task of each env (and step), to tell clusters apart.
  get clusters() {
    if (!this.held) {
      const known = new Map();
      this.held = Int32Array.from({ length: this.rows }, (_, row) => {
        const step = this.numbers.step[row];
        const name = `${this.words.env.codes[row]}/${this.numbers.task[row]}/${Number.isNaN(step) ? "" : step}`;
        if (!known.has(name)) known.set(name, known.size);
        return known.get(name);
      });
    }
    return this.held;
  }
}
