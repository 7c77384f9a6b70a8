// A folder of runs, newest first, when the page is served for one.

async function runsPage() {
  const { runs, folder } = await (await served("index")).json();
  const lines = runs.map((run) => el("tr", {},
    el("th", { scope: "row" }, el("a", { href: `run/${encodeURIComponent(run.name)}/?token=${encodeURIComponent(token())}` }, plainText(run.name))),
    el("td", {}, plainText(run.kind)), el("td", {}, plainText(run.envs)), el("td", {}, plainText(run.model)), el("td", {}, plainText(run.size)), el("td", {}, plainText(run.changed))));
  const names = ["run", "kind", "envs", "model", "episodes", "last change"];
  document.documentElement.dataset.ready = "true";
  fill(byId("main"), el("section", { class: "card scrolls" }, el("h1", {}, `Runs in ${plainText(folder)}`),
    runs.length
      ? el("table", { class: "runs" }, el("thead", {}, el("tr", {}, names.map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, lines))
      : el("p", { class: "muted" }, "There is none yet.")));
}
