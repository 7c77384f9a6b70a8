// Following a run while it goes on: new rows are asked for, seldom when nothing happens, never while nobody looks.

const SOON_MS = 1000;
const LATER_MS = 5000;

function followRun() {
  let quiet = 0;
  const ask = async () => {
    if (!document.hidden) quiet = (await news()) ? 0 : quiet + 1;
    setTimeout(ask, quiet > 10 ? LATER_MS : SOON_MS);
  };
  document.addEventListener("visibilitychange", () => { quiet = 0; });
  setTimeout(ask, SOON_MS);
}

async function news() {
  const { run } = page;
  const before = stateOf(run);
  let index;
  try {
    index = await run.source.index(run.columns.episodes);
  } catch {
    fill(bar.live, "the server is gone");
    bar.live.classList.add("gone");
    return false;
  }
  if (index.generation !== run.generation) location.reload(); // the run went back to an earlier state
  run.take(index);
  bar.live.classList.remove("gone");
  fill(bar.live, "live");
  if (stateOf(run) === before) return false;
  await select();
  return true;
}

const stateOf = (run) => JSON.stringify([run.columns.episodes, run.columns.errors.length, run.summary?.scored]);
