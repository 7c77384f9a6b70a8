// Keys: those of the view first, then those of the page. `g` waits for a second key.

let waits = false;

const PAGE_KEYS = names({
  "/": () => { bar.input.focus(); bar.input.select(); },
  "?": () => help(),
  d: () => nextTheme(),
  g: () => { waits = true; setTimeout(() => { waits = false; }, 1500); },
});

const SECOND_KEYS = names({ o: "overview", e: "episodes", c: "compare" });

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, dialog")) return;
  if (event.key === "Enter" && event.target.closest?.("a, button, summary")) return;
  const action = actionFor(event.key);
  if (!action) return;
  event.preventDefault();
  action();
}

function actionFor(key) {
  if (waits && SECOND_KEYS[key]) {
    waits = false;
    return () => go(address({ view: SECOND_KEYS[key], query: { filter: filterText(), sort: page.route.query.get("sort") } }));
  }
  return page.view?.keys?.[key] ?? PAGE_KEYS[key];
}
