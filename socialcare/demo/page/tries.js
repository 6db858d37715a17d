// Stories to watch and plugs to pull.

import { all, ask, doc, watch } from "./board.js";
import { choose } from "./chosen.js";
import { byId, el, keep } from "./dom.js";

const VERDICTS = { idle: "", waits: "waits for its turn", plays: "is played", well: "✓ as it must be", broken: "✗ not as it must be" };
let followed = null;

export function tries() {
  watch(["story/"], stories);
  watch(["trouble/"], troubles);
}

function stories() {
  const list = all("story/").sort((a, b) => a.place - b.place);
  keep(byId("stories"), list, { key: (one) => one.name, make: story });
  const one = followed && doc(`story/${followed}`);
  if (!one || !["plays", "well", "broken"].includes(one.state)) return;
  if (one.phone) choose(one.phone, { hand: false });
  if (one.state !== "plays" && one.phone) followed = null;
}

function story(one) {
  const busy = one.state === "waits" || one.state === "plays";
  const last = one.state === "plays" ? one.lines.at(-1) : null;
  const below = last ? `${last.who}: ${last.text}` : one.state === "broken" ? one.why : "";
  return el(
    "li",
    { class: "story", "data-state": one.state },
    el(
      "button",
      {
        type: "button",
        "data-focus": one.name,
        "aria-disabled": busy ? "true" : undefined,
        onclick: () => {
          if (busy) return;
          followed = one.name;
          ask("story", { name: one.name });
        },
      },
      el("span", { class: "mark", "aria-hidden": "true" }),
      el("span", { class: "title" }, split(one.title)),
      el("span", { class: "state" }, VERDICTS[one.state]),
    ),
    below ? el("p", { class: "below" }, below) : null,
  );
}

/** The first words of a title stand out. */
function split(title) {
  const end = /[:?.]\s/.exec(title);
  return end ? [el("b", {}, title.slice(0, end.index + 1)), title.slice(end.index + 1)] : el("b", {}, title);
}

function troubles() {
  const list = all("trouble/").sort((a, b) => a.place - b.place);
  keep(byId("troubles"), list, { key: (one) => one.name, make: trouble });
}

function trouble(one) {
  const struck = one.struck === 1 ? "once" : `${one.struck} times`;
  const state = one.missing ? "not here" : one.needs_model && one.armed ? `pulled${one.struck ? `, met ${struck}` : ""}` : one.armed ? "armed: waits for its moment" : one.struck ? `struck ${struck}` : "";
  return el(
    "li",
    { class: "trouble", "data-armed": one.armed > 0, "data-off": Boolean(one.missing) },
    el(
      "button",
      {
        type: "button",
        "data-focus": one.name,
        "aria-disabled": one.missing ? "true" : undefined,
        "aria-pressed": one.needs_model ? String(one.armed > 0) : undefined,
        onclick: () => !one.missing && ask("trouble", { name: one.name }),
      },
      el("span", { class: "title" }, one.title),
      el("span", { class: "state" }, state),
    ),
    el("p", { class: "below" }, one.missing || one.what),
  );
}
