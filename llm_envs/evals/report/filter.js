// The filter language: terms side by side must all hold, `or` between terms, `-` before one turns it round, ( ) group.
//
//   reward<1 difficulty>=3 tag:topic=algebra fault:"cut off" -stop:gave_up text~"\boxed" or error:Outage

const NUMBERS = ["task", "sample", "reward", "difficulty", "turns", "tokens", "took", "step"];
const WORDS = ["env", "stop", "fault", "error", "phase", "is", "flip"];
const STATES = ["right", "wrong", "error", "scored", "fault"];
const FLIPS = ["lost", "gained", "both", "neither"];
const FIELDS = [...NUMBERS, ...WORDS, "tag", "part", "text"];

class FilterError extends Error {}

function tokensOf(source) {
  const found = [];
  const pattern = /\s*(?:([()])|(-(?=[\w("]))|((?:[^\s()"]|"(?:[^"\\]|\\[^])*"?)+))/gy;
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(source);
    if (!match) {
      if (!source.slice(at).trim()) break;
      throw new FilterError(`Cannot read ${source.slice(at)}`);
    }
    found.push(match[1] || match[2] || match[3]);
  }
  return found;
}

// A filter as a tree of {and, or, not, row, text}.
function parseFilter(source) {
  const tokens = tokensOf(source);
  let at = 0;

  const either = () => {
    const terms = [both()];
    while (/^or$/i.test(tokens[at] ?? "")) { at += 1; terms.push(both()); }
    return terms.length > 1 ? { or: terms } : terms[0];
  };
  const both = () => {
    const terms = [];
    while (at < tokens.length && tokens[at] !== ")" && !/^or$/i.test(tokens[at])) {
      if (/^and$/i.test(tokens[at])) at += 1;
      else terms.push(one());
    }
    if (!terms.length && (at > 0 || tokens.length)) throw new FilterError("Something is missing beside “or”, “-” or “( )”.");
    return { and: terms };
  };
  const one = () => {
    const token_ = tokens[at++];
    if (token_ === "-") {
      if (at >= tokens.length) throw new FilterError("Nothing follows the “-”.");
      return { not: one() };
    }
    if (token_ !== "(") return parseTerm(token_);
    const inside = either();
    if (tokens[at++] !== ")") throw new FilterError("A “)” is missing.");
    return inside;
  };

  const tree = either();
  if (at < tokens.length) throw new FilterError("There is a “)” too many.");
  return tree;
}

const TERM = /^((?:tag|part):(?:"(?:[^"\\]|\\[^])*"|[^=<>!~:"]+)|[A-Za-z_]+)(<=|>=|!=|[:=<>~])([^]*)$/;

function parseTerm(term) {
  const match = TERM.exec(term);
  if (!match) return { text: unquoted(term).toLowerCase() };
  const [, field, operator, raw] = match;
  const value = unquoted(raw);
  if (raw === "") throw new FilterError(`${field}${operator} needs a value.`);
  if (field.startsWith("tag:")) return wordTerm("tag", unquoted(field.slice(4)), operator, value);
  if (field.startsWith("part:")) return numberTerm("part", unquoted(field.slice(5)), operator, value);
  if (field === "text") return { text: value.toLowerCase() };
  if (NUMBERS.includes(field)) return numberTerm("number", field, operator, value);
  if (WORDS.includes(field)) return wordTerm("word", field, operator, value);
  throw new FilterError(`There is no field “${field}”. ${closest(field)}`);
}

const RELATIONS = {
  ":": (a, b) => a === b,
  "=": (a, b) => a === b,
  "!=": (a, b) => a !== b && !Number.isNaN(a),
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

function numberTerm(kind, name, operator, value) {
  const number = Number(value);
  if (operator === "~") throw new FilterError(`“~” is for text; for ${name} use = < <= > >= or !=.`);
  if (value === "" || Number.isNaN(number)) throw new FilterError(`${name} is a number; “${value}” is none.`);
  const holds = RELATIONS[operator];
  return {
    row: ({ columns }, row) => {
      const column = kind === "part" ? columns.parts[name] : columns.numbers[name];
      return column !== undefined && holds(column[row], number);
    },
    uses: { kind, name },
  };
}

function wordTerm(kind, name, operator, value) {
  if ("<>".includes(operator[0])) throw new FilterError(`${name} is a word; use : = != or ~.`);
  if (name === "is" && !STATES.includes(value)) throw new FilterError(`is: takes ${STATES.join(", ")}.`);
  if (name === "flip" && !FLIPS.includes(value)) throw new FilterError(`flip: takes ${FLIPS.join(", ")}.`);
  const wanted = value.toLowerCase();
  const fits = operator === "~" ? (word) => word.includes(wanted) : (word) => word === wanted;
  const isTurned = operator === "!=";
  return {
    row: (run, row) => {
      const words = wordsOf(run, kind, name, row);
      return words.some((word) => word !== null && word !== undefined && fits(String(word).toLowerCase())) !== isTurned;
    },
    uses: { kind, name },
  };
}

function wordsOf(run, kind, name, row) {
  const { columns } = run;
  if (kind === "tag") return columns.tags[name] ? [columns.tag(name, row)] : [];
  if (name === "error" || name === "phase") return [columns.error(row)?.[name]];
  if (name === "flip") return [run.flips?.[row]];
  if (name === "is") return statesOf(columns, row);
  return [columns.word(name, row)];
}

function statesOf(columns, row) {
  if (columns.error(row)) return ["error"];
  const states = ["scored", columns.number("correct", row) === 1 ? "right" : "wrong"];
  return columns.word("fault", row) ? [...states, "fault"] : states;
}

// Names that the run does not have are told, not silently matched by nothing.
function checkNames(tree, run) {
  for (const part of tree.and || tree.or || (tree.not ? [tree.not] : [])) checkNames(part, run);
  if (!tree.uses) return;
  const { kind, name } = tree.uses;
  const known = { tag: Object.keys(run.columns.tags), part: Object.keys(run.columns.parts) }[kind];
  if (known && !known.includes(name)) {
    throw new FilterError(`There is no ${kind} “${name}” in this run. ${known.length ? `Known: ${known.join(", ")}.` : ""}`);
  }
}

// true, false, or null where only the transcript can say.
function rowHolds(tree, run, row) {
  if (tree.row) return tree.row(run, row);
  if (tree.text !== undefined) return null;
  if (tree.not) {
    const held = rowHolds(tree.not, run, row);
    return held === null ? null : !held;
  }
  const parts = tree.and || tree.or;
  const decisive = Boolean(tree.or);
  let open = false;
  for (const part of parts) {
    const held = rowHolds(part, run, row);
    if (held === decisive) return decisive;
    open = open || held === null;
  }
  return open ? null : !decisive;
}

function textHolds(tree, run, row, text) {
  if (tree.row) return tree.row(run, row);
  if (tree.text !== undefined) return text.includes(tree.text);
  if (tree.not) return !textHolds(tree.not, run, row, text);
  return tree.and
    ? tree.and.every((part) => textHolds(part, run, row, text))
    : tree.or.some((part) => textHolds(part, run, row, text));
}

function needlesOf(tree) {
  if (tree.text !== undefined) return [tree.text];
  if (tree.not) return [];
  return (tree.and || tree.or || []).flatMap(needlesOf);
}

// In quotes a quote is written \"; every other backslash stands for itself, so that text~"\boxed" is what it seems.
function unquoted(word) {
  if (!word.startsWith('"')) return word;
  if (word.length < 2 || !word.endsWith('"')) throw new FilterError("A quotation mark is not closed.");
  return word.slice(1, -1).replaceAll('\\"', '"');
}

const quoted = (word) => (/^[\w.,/+*-]+$/.test(word) && !/^(or|and)$/i.test(word) ? word : `"${String(word).replaceAll('"', '\\"')}"`);

function closest(word) {
  const near = FIELDS.map((field) => [distance(word.toLowerCase(), field), field]).sort((a, b) => a[0] - b[0]);
  return near[0][0] <= 3 ? `Did you mean “${near[0][1]}”?` : `Known: ${FIELDS.join(", ")}.`;
}

function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}
