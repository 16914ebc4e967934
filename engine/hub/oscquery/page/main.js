// Puts the page together, and anew when the role or the language has changed.

import { make } from "./controls.js";
import { learn } from "./descriptions.js";
import { House } from "./house.js";
import { hand, moods, now, stems } from "./sections.js";
import { technician } from "./technician.js";
import { LANGUAGES, choose, language, word } from "./words.js";

const TROUBLE_MS = 8000;
const house = new House();
const at = (id) => document.getElementById(id);
let ends = [];

function draw() {
  document.documentElement.lang = language();
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = word(element.dataset.word);
  for (const end of ends) end();
  ends = [house.follow("/error", trouble)];
  for (const [id, section] of Object.entries({ now, moods, hand, stems })) {
    at(id).replaceChildren(at(id).querySelector("h2"), ...section(house, ends));
  }
  at("role").textContent = word(house.role);
  technician(house, at("tabs"), at("panel"));
  learn().then((more) => more && draw());
}

let hidden = null;
function trouble([path, what]) {
  at("trouble").textContent = what?.startsWith(path) ? what : `${path} ${what ?? ""}`;
  clearTimeout(hidden);
  hidden = setTimeout(() => (at("trouble").textContent = ""), TROUBLE_MS);
}

async function showPin(pin) {
  if (!(await house.show(pin))) trouble(["", word("wrong")]);
}

for (const [name, title] of Object.entries(LANGUAGES)) {
  at("language").append(make("option", { value: name, lang: name, selected: name === language() }, title));
}
at("language").onchange = () => {
  choose(at("language").value);
  draw();
};
at("pin-form").onsubmit = (event) => {
  event.preventDefault();
  showPin(at("pin").value);
  at("pin").value = "";
};
at("leave").onclick = () => showPin("");
house.addEventListener("tree", () => {
  house.values.delete("/error");
  draw();
});
house.addEventListener("link", ({ detail }) => {
  at("link").textContent = word(detail ? "linked" : "parted");
});

const given = new URLSearchParams(location.hash.slice(1)).get("pin");
if (given) {
  history.replaceState(null, "", location.pathname);
  showPin(given).then(() => house.open());
} else {
  house.open();
}
window.ameublement = house; // for who looks with the browser's own tools
