// The bar on top: where one can go, the filter and what it leaves.

const bar = {};
const TYPING_MS = 150;

function makeBar() {
  bar.nav = el("nav", { "aria-label": "views" });
  bar.input = el("input", {
    id: "filter", type: "search", spellcheck: "false", autocomplete: "off", autocapitalize: "off", placeholder: "filter:  reward<1  tag:topic=algebra  text~\"\\boxed\"",
    "aria-label": "filter", "aria-describedby": "found", oninput: typed, onkeydown: leaveInput,
  });
  bar.found = el("span", { id: "found", role: "status" });
  bar.live = el("span", { class: "live" });
  fill(byId("bar"),
    el("div", { class: "line" }, el("b", { class: "name", title: plainText(page.run.name) }, plainText(page.run.name)), bar.live, bar.nav,
      el("span", { class: "tools" }, button("◐", nextTheme, { title: "dark or light (d)", "aria-label": "dark or light" }), button("?", help, { title: "help (?)", "aria-label": "help" }))),
    el("div", { class: "line" }, bar.input, bar.found));
}

let typing = 0;
function typed() {
  clearTimeout(typing);
  typing = setTimeout(() => {
    page.cursor = 0;
    const view = ["overview", "episodes", "compare"].includes(page.route.view) ? page.route.view : "episodes";
    go(address({ ...page.route, view, what: "", query: { ...Object.fromEntries(page.route.query), show: "", filter: bar.input.value.trim() } }), { replace: true });
  }, TYPING_MS);
}

function leaveInput(event) {
  if (event.key !== "Enter" && event.key !== "Escape") return;
  event.preventDefault();
  event.stopPropagation();
  bar.input.blur();
  if (event.key === "Enter" && page.route.view === "overview") go(changed({ ...page.route, view: "episodes" }, { filter: bar.input.value.trim() }));
  else page.view?.list?.box.focus();
}

const VIEWS = [["overview", "Overview"], ["episodes", "Episodes"], ["compare", "Compare"]];
const PARENTS = { episode: "episodes", pair: "compare" };

function showBar() {
  const here = PARENTS[page.route.view] ?? page.route.view;
  const query = { filter: filterText(), sort: page.route.query.get("sort") };
  fill(bar.nav, VIEWS.filter(([view]) => view !== "compare" || page.against).map(([view, label]) =>
    el("a", { href: address({ view, query }), "aria-current": view === here ? "page" : null }, label)));
  if (document.activeElement !== bar.input) bar.input.value = filterText();
  showFound();
}

function showFound() {
  const { error, matches, progress } = page.selection;
  bar.found.classList.toggle("bad", Boolean(error));
  bar.input.setAttribute("aria-invalid", String(Boolean(error)));
  if (error) bar.found.textContent = error;
  else if (progress) bar.found.textContent = `${whole(matches.length)} found, searching ${progress.done} of ${progress.all}`;
  else bar.found.textContent = filterText() ? `${whole(matches.length)} of ${whole(page.run.columns.rows)}` : plural(page.run.columns.rows, "episode");
}
