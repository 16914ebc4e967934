// The upper part of the page: what plays, moods, what is at hand, stems.

import { control, make } from "./controls.js";
import { called } from "./names.js";
import { word } from "./words.js";

const FLOOR_DB = -60;
const percent = (level) => `${Math.max(0, Math.min(100, 100 + (100 * level) / -FLOOR_DB))}%`;

/** Texts that change, by the word that names them. */
const FACTS = {
  phrase: "/phrase/now", next: "/phrase/upcoming", plan: "/day/next", kept: "/keep/now", visitor: "/visitor/now",
  alerts: "/alert/now",
};

export function now(house, ends) {
  const list = make("dl");
  for (const [name, path] of Object.entries(FACTS)) {
    if (!house.nodes.has(path)) continue;
    const text = make("dd");
    list.append(make("dt", {}, word(name)), text);
    ends.push(house.follow(path, ([value]) => (text.textContent = value === "none" ? word("none") : value)));
  }
  list.append(make("dt", {}, word("lamps")), lamps(house, ends));
  return [list, roomMeter(house, ends)];
}

function lamps(house, ends) {
  const all = make("dd", { className: "buttons" });
  for (const path of house.nodes.keys()) {
    if (!path.startsWith("/lamp/")) continue;
    const name = called("lamp", path.slice("/lamp/".length));
    const lamp = make("span", { className: "lamp" }, name);
    ends.push(
      house.follow(path, ([value]) => {
        lamp.dataset.on = value;
        lamp.title = `${name}: ${word(value === 1 ? "on" : value ? "starting" : "off")}`;
      }),
    );
    all.append(lamp);
  }
  return all;
}

function roomMeter(house, ends) {
  const bar = make("div", { className: "bar", role: "meter", "aria-label": word("meter") });
  bar.setAttribute("aria-valuemin", FLOOR_DB);
  bar.setAttribute("aria-valuemax", 0);
  bar.setAttribute("aria-valuenow", FLOOR_DB);
  ends.push(
    house.follow("/room/meter", (levels) => {
      const level = Math.max(...levels);
      bar.style.setProperty("--level", percent(level));
      bar.setAttribute("aria-valuenow", Math.round(Math.max(FLOOR_DB, Math.min(0, level))));
    }),
  );
  return bar;
}

export function moods(house, ends) {
  const buttons = make("div", { className: "buttons" });
  const pressed = new Map();
  for (const path of [...house.nodes.keys()].filter((one) => one.startsWith("/mood/slot_"))) {
    const button = make("button", { className: "mood", disabled: !house.mayset("/mood"), hidden: true });
    ends.push(
      house.follow(path, ([name, title, colour]) => {
        button.hidden = name === "none";
        button.textContent = title;
        button.style.borderLeftColor = colour;
        button.onclick = () => house.set("/mood", name);
        pressed.set(button, name);
        button.setAttribute("aria-pressed", name === house.values.get("/mood")?.[0]);
      }),
    );
    buttons.append(button);
  }
  ends.push(
    house.follow("/mood", ([chosen]) => {
      for (const [button, name] of pressed) button.setAttribute("aria-pressed", name === chosen);
    }),
  );
  return [buttons];
}

export function hand(house, ends) {
  const rows = [];
  for (const [path, name] of [["/mood/morph_s", "morph"], ["/room/level_db", "level"]]) {
    const [element, end] = control(house, path, word(name), { told: false });
    ends.push(end);
    rows.push(element);
  }
  const silence = make("button", { id: "silence", disabled: !house.mayset("/room/silent") });
  ends.push(
    house.follow("/room/silent", ([silent]) => {
      silence.textContent = word(silent ? "again" : "silence");
      silence.setAttribute("aria-pressed", Boolean(silent));
      silence.onclick = () => house.set("/room/silent", silent ? 0 : 1);
    }),
  );
  const press = (path, name, ...values) => {
    const button = make("button", { id: name, disabled: !house.mayset(path) }, word(name));
    button.onclick = () => house.set(path, ...values);
    return button;
  };
  const buttons = [silence, press("/phrase/next", "nextPhrase"), press("/keep", "keep", 5), press("/undo", "undo")];
  return [...rows, make("div", { className: "buttons" }, ...buttons)];
}

export function stems(house, ends) {
  const names = [...house.nodes.keys()].map((path) => /^\/stem\/([^/]+)\/level_db$/.exec(path)?.[1]).filter(Boolean);
  return names.map((name) => {
    const label = called("stem", name);
    const parts = ["level_db", "mute", "solo"].map((leaf) => {
      const [element, end] = control(house, `/stem/${name}/${leaf}`, leaf === "level_db" ? label : word(leaf), { told: false });
      element.querySelector("input").setAttribute("aria-label", `${label} ${word(leaf === "level_db" ? "level" : leaf)}`);
      ends.push(end);
      return element;
    });
    const bar = make("div", { className: "bar", "aria-hidden": "true" });
    ends.push(house.follow(`/meter/${name}`, (levels) => bar.style.setProperty("--level", percent(Math.max(...levels)))));
    return make("div", { className: "stem" }, ...parts, bar);
  });
}
