// The token layer: who wrote each token, which count in the loss, how surprising they were, and what they were worth.

const SHOWN_TOKENS = 4000;
const COLOURINGS = ["who", "surprise", "entropy", "advantage"];
const WHO = { prompt: "prompt, not trained on", policy: "policy, in the loss", env: "env, not trained on" };

function tokenLayer(segments, colouring, choose) {
  const flat = segments.flatMap((segment) => segment.ids.map((id, i) => tokenOf(segment, id, i)));
  const box = el("div", { class: "tokens text raw", tabindex: 0, "aria-label": "tokens" });
  const facts = el("output", { class: "facts" }, "Point at a token to read it.");
  showTokens(box, flat, 0, colouring);
  const point = (event) => {
    const at = event.target.closest?.("[data-t]");
    if (at) fill(facts, tokenFacts(flat[Number(at.dataset.t)], Number(at.dataset.t)));
  };
  box.addEventListener("pointerover", point);
  box.addEventListener("click", point);
  return el("section", { class: "layer" }, legend(flat, colouring, choose), box, facts);
}

function tokenOf(segment, id, i) {
  const { advantages } = segment;
  return {
    kind: segment.kind,
    id,
    text: segment.texts?.[i] ?? null,
    logprob: segment.logprobs?.[i] ?? null,
    entropy: segment.entropies?.[i] ?? null,
    advantage: (advantages?.length === 1 ? advantages[0] : advantages?.[i]) ?? null,
  };
}

function showTokens(box, flat, from, colouring) {
  const largest = Math.max(1e-9, ...flat.map(({ advantage }) => Math.abs(advantage ?? 0)));
  const end = Math.min(flat.length, from + SHOWN_TOKENS);
  const made = document.createDocumentFragment();
  for (let i = from; i < end; i++) made.append(tokenMark(flat[i], i, colouring, largest));
  box.append(made);
  if (end === flat.length) return;
  const more = button(`Show more of ${whole(flat.length)} tokens`, () => {
    more.remove();
    showTokens(box, flat, end, colouring);
  });
  box.append(more);
}

function tokenMark(token_, i, colouring, largest) {
  const mark = el("span", { class: `t ${token_.kind} ${heat(token_, colouring, largest)}`, "data-t": i });
  if (token_.text === null) mark.append(`${token_.id} `);
  else mark.append(textNodes(token_.text.replaceAll("\n", "⏎\n")));
  return mark;
}

// Classes h0 to h5: nothing to much; m1 to m5 below nought.
function heat({ kind, logprob, entropy, advantage }, colouring, largest) {
  if (kind !== "policy" || colouring === "who") return "";
  if (colouring === "surprise") return logprob === null ? "" : bits(-logprob);
  if (colouring === "entropy") return entropy === null ? "" : bits(entropy);
  if (advantage === null) return "";
  const level = Math.ceil((5 * Math.abs(advantage)) / largest);
  return advantage < 0 ? `m${level}` : `h${level} plus`;
}

const bits = (nats) => `h${Math.min(5, Math.floor(nats / Math.LN2))}`;

function tokenFacts({ kind, id, text, logprob, entropy, advantage }, i) {
  const facts = [["position", i], ["id", id]];
  if (text !== null) facts.push(["text", JSON.stringify(text)]);
  facts.push(["who", kind], ["loss mask", kind === "policy" ? 1 : 0]);
  if (logprob !== null) {
    facts.push(["logprob", figure(logprob, 4)], ["p", figure(Math.exp(logprob), 4)], ["surprise", `${figure(-logprob / Math.LN2, 2)} bit`]);
  }
  if (entropy !== null) facts.push(["entropy", `${figure(entropy / Math.LN2, 2)} bit`]);
  if (advantage !== null) facts.push(["advantage", figure(advantage, 4)]);
  return facts.map(([name, value]) => [el("span", { class: "muted" }, `${name} `), textNodes(String(value)), "   "]);
}

function legend(flat, colouring, choose) {
  const counts = Object.fromEntries(Object.keys(WHO).map((kind) => [kind, flat.filter((each) => each.kind === kind).length]));
  const has = {
    who: true,
    surprise: flat.some(({ logprob }) => logprob !== null),
    entropy: flat.some(({ entropy }) => entropy !== null),
    advantage: flat.some(({ advantage }) => advantage !== null),
  };
  return el("div", { class: "legend" },
    Object.entries(WHO).filter(([kind]) => counts[kind]).map(([kind, told]) =>
      el("span", {}, el("span", { class: `t ${kind}` }, whole(counts[kind])), ` ${told}`)),
    el("span", { class: "tabs", role: "group", "aria-label": "colour by" }, "colour by ",
      COLOURINGS.filter((name) => has[name]).map((name) =>
        button(name, () => choose(name), { "aria-pressed": String(name === colouring) }))));
}
