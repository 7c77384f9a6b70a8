// Small drawings: a bar with its interval, a curve with its band, a histogram.

const percent = (value) => `${(100 * value).toFixed(3)}%`;

// A mean between 0 and 1, or between `from` and `to`, with whiskers.
function intervalBar({ mean, low, high }, [from, to] = [0, 1]) {
  const at = (value) => Math.min(1, Math.max(0, (value - from) / (to - from || 1)));
  const label = `${figure(mean)}, 95% interval ${figure(low)} to ${figure(high)}`;
  const svg = el("svg", { class: "interval", role: "img", "aria-label": label }, el("title", {}, label));
  svg.append(el("rect", { class: "track", width: "100%", height: "100%", rx: 2 }));
  if (Number.isNaN(mean)) return svg;
  const [left, right] = [Math.min(at(0), at(mean)), Math.max(at(0), at(mean))];
  svg.append(el("rect", { class: "fill", x: percent(left), width: percent(right - left), height: "100%", rx: 2 }));
  if (Number.isNaN(low)) return svg;
  svg.append(el("line", { class: "whisker", x1: percent(at(low)), x2: percent(at(high)), y1: "50%", y2: "50%" }));
  for (const end of [low, high]) {
    svg.append(el("line", { class: "whisker", x1: percent(at(end)), x2: percent(at(end)), y1: "25%", y2: "75%" }));
  }
  return svg;
}

const WIDE = 640;
const HIGH = 200;
const EDGE = { left: 54, right: 14, top: 10, bottom: 24 };

// Points are {x, mean, low, high}, by rising x.
function curve(points, { label, x: xName }) {
  const xs = scale([points[0].x, points.at(-1).x], [EDGE.left, WIDE - EDGE.right]);
  const values = points.flatMap(({ mean, low, high }) => [mean, low, high]).filter((value) => !Number.isNaN(value));
  const domain = nice(Math.min(0, ...values), Math.max(0, ...values));
  const ys = scale(domain, [HIGH - EDGE.bottom, EDGE.top]);
  const svg = el("svg", { class: "curve", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img", "aria-label": label });
  svg.append(...axes(xs, ys, points, domain));
  const place = ({ x }, value) => `${xs(x).toFixed(1)},${ys(Number.isNaN(value) ? 0 : value).toFixed(1)}`;
  const banded = points.filter(({ low }) => !Number.isNaN(low));
  if (banded.length > 1) {
    const upper = banded.map((point) => place(point, point.high));
    const lower = banded.map((point) => place(point, point.low)).reverse();
    svg.append(el("path", { class: "band", d: `M${[...upper, ...lower].join("L")}Z` }));
  }
  svg.append(el("path", { class: "line", d: `M${points.map((point) => place(point, point.mean)).join("L")}` }));
  const said = el("p", { class: "readout muted" }, `${xName} ${figure(points.at(-1).x)}: ${statistic(points.at(-1))}`);
  follow(svg, points, xs, ys, (point) => { said.textContent = `${xName} ${figure(point.x)}: ${statistic(point)}`; });
  return el("figure", {}, el("figcaption", {}, label), svg, said);
}

function axes(xs, ys, points, [from, to]) {
  const drawn = [];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const value = from + share * (to - from);
    drawn.push(el("line", { class: "grid", x1: EDGE.left, x2: WIDE - EDGE.right, y1: ys(value), y2: ys(value) }));
    drawn.push(el("text", { x: EDGE.left - 6, y: ys(value) + 4, "text-anchor": "end" }, shortFigure(value)));
  }
  for (const point of [points[0], points[points.length >> 1], points.at(-1)]) {
    drawn.push(el("text", { x: xs(point.x), y: HIGH - 6, "text-anchor": "middle" }, figure(point.x)));
  }
  return drawn;
}

function follow(svg, points, xs, ys, tell) {
  const dot = el("circle", { class: "dot", r: 3.5, cx: -9, cy: -9 });
  svg.append(dot);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * WIDE;
    const near = points.reduce((best, point) => (Math.abs(xs(point.x) - x) < Math.abs(xs(best.x) - x) ? point : best));
    dot.setAttribute("cx", xs(near.x));
    dot.setAttribute("cy", ys(near.mean));
    tell(near);
  });
}

const scale = ([from, to], [low, high]) => (value) => low + ((value - from) / (to - from || 1)) * (high - low);

function nice(from, to) {
  if (from === to) return [0, 1];
  const step = 10 ** Math.floor(Math.log10(to - from || 1)) / 2;
  return [Math.floor(from / step) * step, Math.ceil(to / step) * step];
}

const shortFigure = (value) =>
  value !== 0 && Math.abs(value) < 0.001 ? value.toExponential(1).replaceAll("-", "−") : Math.abs(value) >= 10000 ? `${+(value / 1000).toFixed(1)}k` : String(+value.toPrecision(2)).replaceAll("-", "−");

// How values spread, in up to 24 bars between the first and the last; `pick(from, to)` when one is pressed.
const BARS = 24;

function histogram(values, { label, show, pick }) {
  const ordered = Float64Array.from(values).sort();
  const [from, to] = [ordered[0], ordered.at(-1)];
  const isWhole = ordered.every(Number.isInteger);
  const bars = isWhole ? Math.min(BARS, to - from + 1) : BARS;
  const width = isWhole ? Math.ceil((to - from + 1) / bars) : (to - from) / bars || 1;
  const counts = new Array(bars).fill(0);
  for (const value of ordered) counts[Math.min(bars - 1, Math.floor((value - from) / width))] += 1;
  const most = Math.max(...counts);
  const drawn = counts.map((count, i) => {
    const [low, high] = [from + i * width, from + (i + 1) * width];
    const told = `${show(low)} to ${show(high)}: ${plural(count, "episode")}`;
    return el("button", { type: "button", class: "column", title: told, "aria-label": told, onclick: () => pick(low, high, i === bars - 1) },
      el("span", { style: { height: count ? `max(2px, ${percent(count / most)})` : "0" } }));
  });
  const middle = `median ${show(quantile(ordered, 0.5))} · 95% below ${show(quantile(ordered, 0.95))}`;
  return el("figure", {}, el("figcaption", {}, label, " ", el("span", { class: "muted" }, middle)),
    el("div", { class: "columns" }, drawn),
    el("div", { class: "ends muted" }, el("span", {}, show(from)), el("span", {}, show(to))));
}
