// One message of a conversation: thinking folded, tool calls set out, everything else as it was written.

const TAGGED = /<(think|thinking|tool_call)>([^]*?)(?:<\/\1>|$)/g;

function messageBox(message, record, needles, { raw = false } = {}) {
  const reply = message.reply === undefined ? null : record.replies[message.reply];
  const label = message.name ? `${message.role} ${plainText(message.name)}` : message.role;
  const kind = ["system", "user", "assistant", "tool"].includes(message.role) ? message.role : "other";
  return el("article", { class: `message ${kind}`, "aria-label": plainText(label) },
    el("header", {}, el("b", {}, plainText(label)), reply && el("span", { class: "muted" }, replyFacts(message.reply, reply))),
    el("div", { class: "said" }, raw ? textBlock(message.content ?? "", needles, { class: "text raw" }) : contents(message, needles)));
}

const FINISHES = names({ length: "cut off at the limit", context: "context full", filter: "withheld" });

function replyFacts(turn, reply) {
  const facts = [`turn ${turn + 1}`];
  if (reply.sampled_tokens !== null) facts.push(plural(reply.sampled_tokens, "token"));
  if (reply.took_s) facts.push(seconds(reply.took_s));
  if (reply.tries > 1) facts.push(`${reply.tries} tries`);
  if (reply.cached) facts.push("from the cache");
  if (reply.finish !== "stop") facts.push(FINISHES[reply.finish] ?? plainText(reply.finish));
  return facts.join(" · ");
}

function contents(message, needles) {
  const text = String(message.content ?? "");
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  const pieces = message.role === "assistant" ? piecesOf(text, needles) : [textBlock(text, needles)];
  if (!text.trim() && !calls.length) return el("p", { class: "muted empty" }, text ? "only white space" : "nothing");
  return [pieces, calls.map((call) => callBox(call, needles))];
}

function piecesOf(text, needles) {
  const made = [];
  let position = 0;
  for (const match of text.matchAll(TAGGED)) {
    made.push(plainPiece(text.slice(position, match.index), needles));
    made.push(match[1] === "tool_call" ? callBox(match[2], needles) : thought(match, needles));
    position = match.index + match[0].length;
  }
  return [...made, plainPiece(text.slice(position), needles)];
}

const plainPiece = (text, needles) => text.trim() && textBlock(text.replace(/^\n+|\n+$/g, ""), needles);

function thought([full, tag, inside], needles) {
  const isClosed = full.endsWith(`</${tag}>`);
  const open = !isClosed || needles.some((needle) => inside.toLowerCase().includes(needle));
  const label = `thinking · ${plural(inside.length, "character")}${isClosed ? "" : " · never closed"}`;
  return folded(label, () => textBlock(inside.trim(), needles), { open, class: "think" });
}

// What is folded is made when it is opened first.
function folded(label, make, { open = false, ...properties } = {}) {
  const box = el("details", { open, ...properties }, el("summary", {}, label));
  const unfold = () => { if (box.open && box.childElementCount === 1) box.append(make()); };
  box.addEventListener("toggle", unfold);
  unfold();
  return box;
}

function callBox(call, needles) {
  const { name, text } = callParts(call);
  return el("div", { class: "call" }, el("b", {}, "call ", plainText(name)), textBlock(text, needles, { class: "text raw" }));
}

function callParts(call) {
  const read = typeof call === "string" ? parsed(call) : call;
  if (read === null || typeof read !== "object") return { name: "(not JSON)", text: String(call) };
  const inner = read.function && typeof read.function === "object" ? read.function : read;
  const given = inner.arguments ?? inner.parameters ?? {};
  const settled = typeof given === "string" ? parsed(given) ?? given : given;
  return { name: String(inner.name ?? "(no name)"), text: typeof settled === "string" ? settled : JSON.stringify(settled, null, 2) };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// The files of an episode: images in place, others as links.
function fileBox(file) {
  const name = plainText(file.name || "file");
  const turn = file.turn === null || file.turn === undefined ? "" : ` · turn ${file.turn + 1}`;
  if (/^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]*$/.test(file.data ?? "")) {
    return el("figure", { class: "picture" }, el("img", { src: file.data, alt: name, loading: "lazy" }), el("figcaption", { class: "muted" }, name, turn));
  }
  if (!/^[\w.~%/-]+$/.test(file.href ?? "")) return el("p", { class: "muted" }, name, turn, " (missing)");
  const isServed = document.documentElement.dataset.source !== "file";
  const href = isServed ? `file/${file.href}?token=${encodeURIComponent(token())}` : `./${file.href}`;
  return el("p", {}, el("a", { href, rel: "noopener noreferrer", target: "_blank" }, name), el("span", { class: "muted" }, turn));
}
