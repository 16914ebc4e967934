// What the tree says of its addresses, in the other languages: a file for each, by the English text. One that is not
// there stays English.

import { language } from "./words.js";

const told = new Map();

/** Fetch what the chosen language says; whether there is anything new. */
export async function learn() {
  const wanted = language();
  if (wanted === "en" || told.has(wanted)) return false;
  try {
    const answer = await fetch(`descriptions.${wanted}.json`);
    if (!answer.ok) return false;
    told.set(wanted, await answer.json());
    return true;
  } catch {
    return false; // asked for again when the page is drawn anew
  }
}

/** A description: [text, its language]. */
export function described(text) {
  const own = told.get(language())?.[text];
  return own ? [own, language()] : [text, "en"];
}
