// The page's own words.

export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français" };

const WORDS = {
  en: {
    language: "Language", now: "Now", moods: "Moods", hand: "At hand", stems: "Stems", access: "Access",
    technician: "Technician", pin: "PIN", open: "Open", leave: "Give back",
    linked: "connected", parted: "not connected, trying again", wrong: "That PIN is not taken.",
    look: "You may look.", play: "You may play.", service: "You may do everything.",
    phrase: "Plays", next: "Then", plan: "Schedule", kept: "Kept", visitor: "Visitor", alerts: "Alerts",
    lamps: "Lamps", level: "Level", morph: "Morph", silence: "Fade to silence", again: "Fade in",
    nextPhrase: "Next phrase", keep: "Keep 5 min", undo: "Undo", mute: "mute", solo: "solo", meter: "Level heard",
    other: "other", status: "status", on: "on", starting: "starting", off: "off", set: "Set", none: "none",
  },
  de: {
    language: "Sprache", now: "Jetzt", moods: "Stimmungen", hand: "Zur Hand", stems: "Spuren", access: "Zugang",
    technician: "Technik", pin: "PIN", open: "Öffnen", leave: "Zurückgeben",
    linked: "verbunden", parted: "nicht verbunden, neuer Versuch folgt", wrong: "Diese PIN gilt nicht.",
    look: "Sie dürfen zusehen.", play: "Sie dürfen spielen.", service: "Sie dürfen alles.",
    phrase: "Spielt", next: "Danach", plan: "Tagesplan", kept: "Aufgehoben", visitor: "Besuch", alerts: "Meldungen",
    lamps: "Lampen", level: "Lautstärke", morph: "Übergang", silence: "Ausblenden", again: "Einblenden",
    nextPhrase: "Nächste Phrase", keep: "5 min aufheben", undo: "Zurück", mute: "stumm", solo: "solo",
    meter: "Gehörter Pegel",
    other: "übrige", status: "Zustand", on: "an", starting: "startet", off: "aus", set: "Setzen", none: "keine",
  },
  fr: {
    language: "Langue", now: "Maintenant", moods: "Ambiances", hand: "Sous la main", stems: "Pistes", access: "Accès",
    technician: "Technique", pin: "Code PIN", open: "Ouvrir", leave: "Rendre",
    linked: "connecté", parted: "non connecté, nouvel essai", wrong: "Ce code n’est pas accepté.",
    look: "Vous pouvez regarder.", play: "Vous pouvez jouer.", service: "Vous pouvez tout faire.",
    phrase: "Joue", next: "Ensuite", plan: "Horaire", kept: "Conservé", visitor: "Visite", alerts: "Alertes",
    lamps: "Voyants", level: "Volume", morph: "Transition", silence: "Fondu au silence", again: "Retour du son",
    nextPhrase: "Phrase suivante", keep: "Garder 5 min", undo: "Annuler", mute: "muet", solo: "solo",
    meter: "Niveau entendu",
    other: "autres", status: "état", on: "allumé", starting: "démarre", off: "éteint", set: "Régler", none: "aucune",
  },
};

let chosen = "en";
try {
  chosen = localStorage.getItem("language") ?? navigator.language.slice(0, 2);
} catch {
  chosen = navigator.language.slice(0, 2);
}
if (!(chosen in WORDS)) chosen = "en";

export const language = () => chosen;
export const word = (name) => WORDS[chosen][name] ?? name;

/** Another language from now on; remembered where the browser lets it. */
export function choose(name) {
  chosen = name;
  try {
    localStorage.setItem("language", name);
  } catch {
    // it is asked for again next time
  }
}
