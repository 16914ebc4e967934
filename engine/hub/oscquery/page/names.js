// What lamps, stems and tabs are called in other languages. One that is not here is called as in the tree.

import { language } from "./words.js";

const NAMES = {
  en: {
    lamp: { sampler: "phrases", renderer: "instruments", room: "sound", hold: "hold loop" },
  },
  de: {
    lamp: { sampler: "Phrasen", renderer: "Instrumente", room: "Ton", hold: "Warteschleife" },
    stem: {
      piano: "Klavier", reverse: "Klavier rückwärts", cello: "Cello", bells: "Glocken", chords: "Akkorde",
      guitar: "Gitarre", drums: "Schlagzeug", texture_1: "Textur 1", texture_2: "Textur 2", texture_3: "Textur 3",
      near: "Hall nah", far: "Hall fern", echo: "Echo",
    },
    tab: {
      performer: "Interpret", conductor: "Ablauf", voices: "Stimmen", levels: "Pegel", tone: "Klang", echo: "Echo",
      effects: "Effekte", colour: "Farbe", space: "Hall", textures: "Texturen", places: "Orte", wander: "Wandern",
      returns: "Hallwege", room: "Raum",
    },
  },
  fr: {
    lamp: { sampler: "phrases", renderer: "instruments", room: "son", hold: "boucle d’attente" },
    stem: {
      piano: "piano", reverse: "piano inversé", cello: "violoncelle", bells: "cloches", chords: "accords",
      guitar: "guitare", drums: "batterie", texture_1: "texture 1", texture_2: "texture 2", texture_3: "texture 3",
      near: "réverbération proche", far: "réverbération lointaine", echo: "écho",
    },
    tab: {
      performer: "interprète", conductor: "déroulement", voices: "voix", levels: "niveaux", tone: "timbre",
      echo: "écho", effects: "effets", colour: "couleur", space: "réverbération", textures: "textures",
      places: "lieux", wander: "mouvement", returns: "retours", room: "pièce",
    },
  },
};

/** `kind` is lamp, stem or tab. */
export const called = (kind, name) => NAMES[language()][kind]?.[name] ?? name.replaceAll("_", " ");
