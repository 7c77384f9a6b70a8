// What others wrote, as text: characters that would hide, reorder or break something are shown for what they are.

const ODD = new RegExp(
  "[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u180e\\u200b\\u200e\\u200f\\u2028-\\u202e" +
    "\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\u{e0000}-\\u{e007f}\\p{Cs}]",
  "gu",
);

const oddName = (character) => {
  const code = character.codePointAt(0);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
};

// One line of plain text, for places that take no elements: titles, labels, cells.
const plainText = (text) => String(text).replace(ODD, (odd) => oddName(odd)).replace(/\s+/g, " ");

// Text as nodes; what `needles` (lower case) name is marked.
function textNodes(text, needles = []) {
  const made = document.createDocumentFragment();
  let position = 0;
  for (const match of String(text).matchAll(ODD)) {
    marked(made, text.slice(position, match.index), needles);
    made.append(el("span", { class: "odd", title: "a character that does not show" }, oddName(match[0])));
    position = match.index + match[0].length;
  }
  marked(made, String(text).slice(position), needles);
  return made;
}

function marked(parent, text, needles) {
  let position = 0;
  if (needles.length) {
    const lower = text.toLowerCase();
    for (let hit = nextHit(lower, needles, 0); hit; hit = nextHit(lower, needles, position)) {
      parent.append(text.slice(position, hit.at), el("mark", {}, text.slice(hit.at, hit.at + hit.length)));
      position = hit.at + hit.length;
    }
  }
  if (position < text.length) parent.append(text.slice(position));
}

function nextHit(text, needles, from) {
  let best = null;
  for (const needle of needles) {
    const at = needle ? text.indexOf(needle, from) : -1;
    if (at >= 0 && (!best || at < best.at)) best = { at, length: needle.length };
  }
  return best;
}

// A block of text that may be very long: its beginning, and the rest when asked for.
const LONG_CHARS = 20000;

function textBlock(text, needles = [], properties = {}) {
  const block = el("div", { class: "text", dir: "auto", ...properties });
  const full = String(text);
  block.append(textNodes(full.slice(0, LONG_CHARS), needles));
  if (full.length > LONG_CHARS) {
    const more = button(`Show the other ${whole(full.length - LONG_CHARS)} characters`, () => {
      more.replaceWith(textNodes(full.slice(LONG_CHARS), needles));
    });
    block.append(more);
  }
  return block;
}
