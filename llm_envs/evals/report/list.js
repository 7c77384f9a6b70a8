// A long list of rows of one height, of which only those in sight exist.

const SPARE = 8;
const PRINTED_ROWS = 1000;

class List {
  // `draw(i)` makes row i; `open(i)` is called when it is chosen.
  constructor({ draw, open, label, columns }) {
    this.draw = draw;
    this.count = 0;
    this.cursor = 0;
    this.space = el("div", { class: "space", role: "rowgroup" });
    this.head = el("div", { class: "head", role: "rowgroup" });
    this.box = el("div", { class: "scroll", role: "table", "aria-label": label, tabindex: 0 }, this.head, this.space);
    if (columns) this.box.style.setProperty("--columns", columns);
    this.box.addEventListener("scroll", () => this.#draw(), { passive: true });
    this.space.addEventListener("click", (event) => {
      const row = event.target.closest("[data-i]");
      if (row && !event.target.closest("a") && !getSelection().toString()) open(Number(row.dataset.i));
    });
    this.watch = new ResizeObserver(() => this.#draw());
    this.watch.observe(this.box);
  }

  show(count) {
    this.count = count;
    this.cursor = Math.min(this.cursor, Math.max(0, count - 1));
    this.box.setAttribute("aria-rowcount", count + 1);
    this.space.style.setProperty("height", `${count * this.rowHeight}px`);
    this.#draw();
  }

  get rowHeight() {
    return matchMedia("(max-width: 640px)").matches ? 36 : 28;
  }

  move(to) {
    this.cursor = Math.max(0, Math.min(this.count - 1, to));
    const top = this.cursor * this.rowHeight;
    const seen = this.box.clientHeight - this.head.offsetHeight;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (top + this.rowHeight > this.box.scrollTop + seen) this.box.scrollTop = top + this.rowHeight - seen;
    this.#draw();
  }

  #draw() {
    if (this.printing) return;
    const height = this.rowHeight;
    const first = Math.max(0, Math.floor(this.box.scrollTop / height) - SPARE);
    const last = Math.min(this.count, Math.ceil((this.box.scrollTop + this.box.clientHeight) / height) + SPARE);
    this.#rows(first, last);
  }

  #rows(first, last) {
    const rows = [];
    for (let i = first; i < last; i++) {
      const row = this.draw(i);
      row.dataset.i = i;
      row.setAttribute("aria-rowindex", i + 2);
      if (i === this.cursor) row.setAttribute("aria-selected", "true");
      row.style.setProperty("top", `${i * this.rowHeight}px`);
      rows.push(row);
    }
    this.space.replaceChildren(...rows);
  }

  // All rows, up to a limit, for paper.
  print() {
    this.printing = true;
    if (this.count > PRINTED_ROWS) this.box.dataset.more = `and ${whole(this.count - PRINTED_ROWS)} more`;
    this.#rows(0, Math.min(this.count, PRINTED_ROWS));
  }

  screen() {
    this.printing = false;
    this.#draw();
  }

  close() {
    this.watch.disconnect();
  }
}
