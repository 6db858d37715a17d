// Whose phone is in the visitor's hand.

import { all, doc, redraw } from "./board.js";

let chosen = null;
let coming = null; // chosen, and not here yet: its documents are on the way
let byHand = false;

export const phoneKey = (one) => `phone/${one.channel}.${one.id}`;

/** The customer who is looked at: the visitor's choice, else one who waits to be tried, on the first channel. */
export function chosenPhone() {
  if (coming && doc(coming)) [chosen, coming] = [coming, null];
  if (chosen && doc(chosen)) return doc(chosen);
  const phones = all("phone/");
  const ready = phones.filter((one) => doc(phoneKey(one).replace("phone/", "hints/")));
  const first = all("platform/")[0]?.name;
  return ready.findLast((one) => one.channel === first) ?? ready.at(-1) ?? phones.at(-1) ?? null;
}

/** The channel of the customer who is on the way; nothing while nobody is. */
export const comingChannel = () => coming?.slice("phone/".length).split(".")[0];

export function choose(key, { hand = true } = {}) {
  if (!hand && byHand && (coming ?? chosen) === key) return;
  coming = key;
  byHand = hand;
  redraw("phone/", "turn/", "post/", "order/");
}
