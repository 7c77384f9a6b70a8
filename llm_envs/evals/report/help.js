// What can be typed and pressed.

const EXAMPLES = [
  ["reward<1 difficulty>=3", "terms side by side must all hold"],
  ["tag:topic=algebra", "a tag of the task; != and ~ (contains) work too"],
  ['fault:"cut off"', "faults: cut off, empty, withheld"],
  ["is:wrong", "right, wrong, scored, fault, error"],
  ["part:format<1", "the score of one part of the reward"],
  ['text~"\\boxed"', "searches transcripts; a word alone does the same"],
  ["stop:solved or stop:gave_up", "either"],
  ["-is:error (turns>3 or tokens>500)", "not; groups"],
  ["flip:lost", "against the other run: lost, gained, both, neither"],
];

const KEYS = [
  ["/", "filter"], ["j k", "next, previous"], ["Enter", "open"], ["u Esc", "back to the table"], ["[ ]", "other rollouts of the task"],
  ["t", "tokens"], ["h", "colour tokens by something else"], ["s", "rollouts side by side"], ["r", "raw text"],
  ["g o", "overview"], ["g e", "episodes"], ["g c", "compare"], ["d", "dark, light, as the system"], ["?", "this"],
];

function help() {
  const close = button("Close", () => box.close(), { class: "close" });
  const box = el("dialog", { class: "help", "aria-label": "help", onclose: () => box.remove() },
    el("h2", {}, "Filter"),
    el("p", { class: "muted" }, `Numbers: ${NUMBERS.join(", ")}. Words: ${WORDS.join(", ")}, tag:NAME. Operators: : = != < <= > >= ~`),
    el("dl", { class: "keys" }, EXAMPLES.map(([typed, told]) => [el("dt", {}, el("code", {}, typed)), el("dd", {}, told)])),
    el("h2", {}, "Keys"),
    el("dl", { class: "keys" }, KEYS.map(([typed, told]) => [el("dt", {}, typed.split(" ").map((key) => [el("kbd", {}, key), " "])), el("dd", {}, told)])), close);
  document.body.append(box);
  box.showModal();
}
