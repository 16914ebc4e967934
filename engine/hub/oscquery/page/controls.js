// One control for each kind of node; it shows what is heard, and sends what a hand does.

import { described } from "./descriptions.js";
import { word } from "./words.js";

const STEPS = 1000;
const HANDS_OFF_MS = 600; // an echo does not pull a fader from under a finger
let count = 0;

/** An element with properties and what is in it. */
export function make(tag, properties = {}, ...inside) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...inside);
  return element;
}

/** What an address is called on a page: "cello level" for /layer/cello/level_db. */
export function nameOf(path) {
  const words = path.split("/").slice(1);
  if (words.length > 2) words.shift();
  return words.join(" ").replace(/_(db|hz|s|deg|minutes|notes_per_s)$/, "").replaceAll("_", " ");
}

/** A row for a node: [element, what ends it]. `name` stands in for its own. */
export function control(house, path, name = nameOf(path), { told = true } = {}) {
  const node = house.nodes.get(path);
  const range = node.RANGE?.[0] ?? {};
  const make_ =
    node.TYPE === "N" ? button
    : node.TYPE === "i" && range.MIN === 0 && range.MAX === 1 ? check
    : range.VALS ? choice
    : range.MIN !== undefined && node.TYPE.length === 1 ? fader
    : node.ACCESS & 2 || node.ACCESS === 0 ? field
    : shown;
  const [element, end] = make_(house, node, name, `c${++count}`);
  if (told && node.DESCRIPTION) {
    const [text, lang] = described(node.DESCRIPTION);
    element.append(make("small", { lang }, text));
  }
  return [element, end];
}

const row = (...inside) => make("div", { className: "row" }, ...inside);
const disabled = (house, node) => !house.mayset(node.FULL_PATH);

function button(house, node, name) {
  const element = make("button", { disabled: disabled(house, node) }, name);
  element.onclick = () => house.set(node.FULL_PATH);
  return [row(element), () => {}];
}

function check(house, node, name, id) {
  const box = make("input", { type: "checkbox", id, disabled: disabled(house, node) });
  box.onchange = () => house.set(node.FULL_PATH, box.checked ? 1 : 0);
  const end = house.follow(node.FULL_PATH, ([value]) => (box.checked = Boolean(value)));
  return [row(make("label", { htmlFor: id }, name, box)), end];
}

function choice(house, node, name, id) {
  const select = make("select", { id, disabled: disabled(house, node) });
  select.append(...node.RANGE[0].VALS.map((value) => make("option", { value }, value)));
  select.onchange = () => house.set(node.FULL_PATH, select.value);
  const end = house.follow(node.FULL_PATH, ([value]) => (select.value = value));
  return [row(make("label", { htmlFor: id }, name), select), end];
}

function field(house, node, name, id) {
  const input = make("input", { id, disabled: disabled(house, node), maxLength: 200 });
  const inside = [make("label", { htmlFor: id }, name), input];
  const suggestions = node.SUGGESTIONS?.[0];
  if (suggestions) {
    input.setAttribute("list", `${id}s`);
    inside.push(make("datalist", { id: `${id}s` }, ...suggestions.map((value) => make("option", { value }))));
  }
  const send = make("button", { disabled: input.disabled, "aria-label": `${word("set")} ${name}` }, word("set"));
  send.onclick = () => house.set(node.FULL_PATH, ...(node.TYPE === "s" ? [input.value] : input.value.split(/\s+/)));
  input.onkeydown = (event) => event.key === "Enter" && send.onclick();
  const end = house.follow(node.FULL_PATH, (values) => {
    if (document.activeElement !== input) input.value = values.join(" ");
  });
  return [row(...inside, send), end];
}

function shown(house, node, name) {
  const output = make("output", { "aria-live": "off" });
  const unit = node.UNIT?.[0] ?? "";
  const end = house.follow(node.FULL_PATH, (values) => (output.textContent = values.map((v) => read(v, unit)).join(", ")));
  return [row(make("div", { className: "name" }, make("span", {}, name), output)), end];
}

function fader(house, node, name, id) {
  const scale = scaleOf(node);
  const input = make("input", { type: "range", id, min: 0, max: STEPS, disabled: disabled(house, node) });
  input.step = scale.step;
  const output = make("output", { htmlFor: id });
  let handed = -HANDS_OFF_MS;
  const show = (value) => {
    output.textContent = read(value, node.UNIT?.[0] ?? "");
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.oninput = () => {
    handed = performance.now();
    const value = scale.value(Number(input.value));
    show(value);
    house.set(node.FULL_PATH, value);
  };
  let latest;
  const settle = () => {
    input.value = scale.place(latest);
    show(latest);
  };
  const end = house.follow(node.FULL_PATH, ([value]) => {
    latest = value;
    const wait = handed + HANDS_OFF_MS - performance.now();
    if (wait > 0) setTimeout(settle, wait);
    else settle();
  });
  return [row(make("label", { htmlFor: id }, name, output), input), end];
}

function scaleOf(node) {
  const { MIN: low, MAX: high } = node.RANGE[0];
  const whole = node.TYPE === "i";
  const rounded = (value) => (whole ? Math.round(value) : Math.min(high, Math.max(low, Number(value.toPrecision(3)))));
  if (node.CURVE?.[0] === "log")
    return {
      step: 1,
      place: (value) => (STEPS * Math.log(value / low)) / Math.log(high / low),
      value: (place) => rounded(low * (high / low) ** (place / STEPS)),
    };
  return {
    step: whole ? STEPS / Math.max(1, Math.min(high - low, STEPS)) : 1,
    place: (value) => (STEPS * (value - low)) / (high - low),
    value: (place) => rounded(low + ((high - low) * place) / STEPS),
  };
}

/** A value with its unit. */
export function read(value, unit = "") {
  const shownUnit = ["ratio", "probability"].includes(unit) ? "" : unit;
  return typeof value === "number" ? `${Number(value.toPrecision(3))}${shownUnit && `\u00a0${shownUnit}`}` : String(value);
}
