// Where one is, in the address: #/view/what?filter=...&sort=... A link opens the page just so.

function readRoute() {
  const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...rest] = path.split("/");
  return { view: view || "overview", what: rest.join("/"), query: new URLSearchParams(search) };
}

function address({ view, what = "", query = {} }) {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#/${view}${what ? `/${what}` : ""}${search.size ? `?${search}` : ""}`;
}

// The same place with some of its query changed.
function changed(route, query) {
  return address({ ...route, query: { ...Object.fromEntries(route.query), ...query } });
}

function go(hash, { replace = false } = {}) {
  if (hash === location.hash) return;
  if (replace) {
    history.replaceState(null, "", hash);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  } else location.hash = hash;
}
