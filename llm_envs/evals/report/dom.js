// Elements, made of names and text: nothing in this page is ever parsed as markup.

const SVG = "http://www.w3.org/2000/svg";
const SVG_NAMES = new Set(["svg", "rect", "line", "path", "circle", "g", "text", "title"]);

// An object without inherited names: tags and parts may be called "constructor".
const names = (content = {}) => Object.assign(Object.create(null), content);

function el(name, properties = {}, ...children) {
  const made = SVG_NAMES.has(name) ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") made.addEventListener(key.slice(2), value);
    else if (key === "style") for (const [rule, set] of Object.entries(value)) made.style.setProperty(rule, set);
    else made.setAttribute(key, value === true ? "" : value);
  }
  add(made, children);
  return made;
}

function add(parent, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

function fill(parent, ...children) {
  parent.replaceChildren();
  add(parent, children);
  return parent;
}

const byId = (id) => document.getElementById(id);

function button(label, press, properties = {}) {
  return el("button", { type: "button", onclick: press, ...properties }, label);
}

// Figures as people read them.

const plural = (count, word) => `${whole(count)} ${word}${count === 1 ? "" : "s"}`;
const grouped = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const whole = (count) => grouped.format(count);

function figure(value, digits = 3) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (Number.isInteger(value)) return whole(value);
  if (Math.abs(value) < 0.001) return value.toPrecision(2).replaceAll("-", "−");
  const shown = Math.abs(value) >= 1000 ? whole(value) : value.toFixed(Math.abs(value) >= 100 ? 1 : digits);
  return shown.replace("-", "−");
}

function seconds(value) {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (value < 0.00005) return "0 s";
  if (value < 0.9995) return `${(value * 1000).toFixed(value < 0.01 ? 1 : 0)} ms`;
  if (value < 120) return `${value.toFixed(value < 10 ? 2 : 1)} s`;
  return value < 7200 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h`;
}
