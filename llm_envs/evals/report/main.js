// Reads the run, then shows whatever the address says.

const MAKERS = names({ overview, episodes, episode, compare, pair });

async function show() {
  const before = page.route;
  page.route = readRoute();
  const { filter, sort } = { filter: filterText(), sort: page.route.query.get("sort") ?? "" };
  if (page.selection.source !== filter || page.selection.sort !== sort) {
    const done = select();
    if (!before || !needsNoMatches()) await Promise.race([done, new Promise((next) => setTimeout(next, 50))]);
  }
  drawView(!before || before.view !== page.route.view || before.what !== page.route.what);
}

const needsNoMatches = () => page.route.view === "episode";

// Filters anew; views follow as matches come in.
function select() {
  const told = () => {
    showFound();
    if (page.view?.update) page.view.update();
  };
  return page.selection.apply(filterText(), page.route.query.get("sort") ?? "", told);
}

function drawView(isElsewhere) {
  if (!isElsewhere && page.view?.update) {
    showBar();
    page.view.update();
    return;
  }
  page.view?.close?.();
  page.view = (MAKERS[page.route.view] ?? overview)();
  fill(byId("main"), page.view.element);
  document.body.dataset.view = page.route.view;
  showBar();
  if (isElsewhere) scrollTo(0, 0);
}

async function start() {
  const { source } = document.documentElement.dataset;
  if (source === "runs") return runsPage();
  page.run = await Run.load(source === "live" ? new Server() : new Blocks("run"));
  page.against = source === "live" ? null : await Run.load(new Blocks("against"));
  if (page.against) page.run.flips = flipsOf(page.run, page.against);
  page.selection = new Selection(page.run);
  makeBar();
  await show();
  window.addEventListener("hashchange", show);
  window.addEventListener("keydown", pressed);
  document.documentElement.dataset.ready = "true";
  if (source === "live") followRun();
  return undefined;
}

// Paper gets everything that is folded, and rows that are out of sight.
window.addEventListener("beforeprint", () => {
  for (const box of document.querySelectorAll("details:not([open])")) {
    box.dataset.printed = "true";
    box.open = true;
  }
  page.view?.list?.print();
});
window.addEventListener("afterprint", () => {
  for (const box of document.querySelectorAll("details[data-printed]")) {
    delete box.dataset.printed;
    box.open = false;
  }
  page.view?.list?.screen();
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-skip]")) return;
  event.preventDefault(); // the address says where one is
  byId("main").focus();
});

start().catch((error) => fill(byId("main"), el("p", { class: "nothing bad" }, `This page cannot be shown: ${error.message}`)));
