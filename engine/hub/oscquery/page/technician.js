// The technician's part: every address that can be set or that tells something, by tabs.

import { control, make } from "./controls.js";
import { called } from "./names.js";
import { word } from "./words.js";

const LEFT_OUT = /^\/(page|web\/code|mood\/slot_|midi\/row_|session\/slot_|meter|error|state|alive|subscribe|unsubscribe)/;

/** Tabs as the control surface has them, then what is on none of its pages, then what is only told. */
function tabsOf(house) {
  const tabs = new Map((house.values.get("/page/tabs") ?? []).map((name) => [name, []]));
  const other = [];
  const status = [];
  for (const [path, node] of house.nodes) {
    const tag = node.TAGS?.[0];
    if (tag) tabs.set(tag, [...(tabs.get(tag) ?? []), path]);
    else if (!LEFT_OUT.test(path)) (node.ACCESS === 1 && !("RANGE" in node) ? status : other).push(path);
  }
  return new Map([...tabs, ["other", other], ["status", status]].filter(([, paths]) => paths.length));
}

let open = "";
let endsOfPanel = [];

/** Fill the tab list; only the tab that is open listens. */
export function technician(house, list, panel) {
  const tabs = tabsOf(house);
  if (!tabs.has(open)) open = tabs.keys().next().value;
  const buttons = [...tabs.keys()].map((name) => {
    const title = ["other", "status"].includes(name) ? word(name) : called("tab", name);
    const button = make("button", { role: "tab", id: `tab-${name}`, type: "button" }, title);
    button.setAttribute("aria-controls", "panel");
    button.onclick = () => show(name);
    button.onkeydown = (event) => move(event, button, buttons);
    return button;
  });
  list.className = "buttons";
  list.replaceChildren(...buttons);

  function show(name) {
    open = name;
    for (const button of buttons) {
      const chosen = button.id === `tab-${name}`;
      button.setAttribute("aria-selected", chosen);
      button.tabIndex = chosen ? 0 : -1;
    }
    panel.setAttribute("aria-labelledby", `tab-${name}`);
    for (const end of endsOfPanel) end();
    const made = tabs.get(name).map((path) => control(house, path));
    endsOfPanel = made.map(([, end]) => end);
    panel.replaceChildren(...made.map(([element]) => element));
  }
  show(open);
}

/** Arrow keys go from tab to tab, as people with keyboards expect. */
function move(event, button, buttons) {
  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  const at = buttons.indexOf(button);
  const next =
    event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : event.key in steps ? at + steps[event.key] : null;
  if (next === null) return;
  event.preventDefault();
  const chosen = buttons[(next + buttons.length) % buttons.length];
  chosen.focus();
  chosen.click();
}
