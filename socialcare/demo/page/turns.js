// The turn's trace: each stop of its way, as the service's log has it.

import { all, ask, doc, watch } from "./board.js";
import { chosenPhone } from "./chosen.js";
import { byId, clock, el, keep } from "./dom.js";

const STOPS = [
  ["stored", "Received", "On disk before the platform hears “thank you”."],
  ["understood", "Understood", "Every wish in the message, its language, mood and deadline."],
  ["found", "Found", "Facts from the shop and articles, each with its source."],
  ["proposed", "Proposed", "The brain proposes. It is never trusted."],
  ["judged", "Judged", "Plain code holds each action against its limits, in numbers."],
  ["done", "Done", "Written into the ledger first, then asked of the shop, once."],
  ["checked", "Checked", "No word leaves that claims what was not done."],
  ["said", "Said", "Sent once, in order; repeated only where nobody can know."],
  ["desk", "Desk", "What is above the limits goes to colleagues, with everything."],
];
const touched = new Map();

export function turns() {
  watch(["turn/", "phone/"], draw);
  byId("everybody").addEventListener("change", draw);
  watch(["brain"], brain);
  byId("brain").addEventListener("change", async (event) => {
    event.target.disabled = true;
    await ask("brain", { brain: event.target.value });
    event.target.disabled = false;
    brain();
  });
}

/** Who proposes now; while the service starts anew the choice waits. */
function brain() {
  const told = doc("brain");
  if (!told) return;
  byId("brain").value = told.chosen;
  byId("brain-note").textContent = told.words;
}

function draw() {
  const one = chosenPhone();
  const everybody = byId("everybody").checked;
  const mine = new Set(one?.conversations ?? []);
  const told = all("turn/")
    .filter((turn) => (everybody || mine.has(turn.conversation)) && !isReceipt(turn))
    .sort((a, b) => (a.began < b.began ? 1 : a.began > b.began ? -1 : 0))
    .slice(0, 40)
    .map((turn, place) => ({ ...turn, latest: place === 0, who: everybody ? nameOf(turn) : "" }));
  const list = told.length ? told : [{ turn: "none" }];
  keep(byId("turns"), list, {
    key: (turn) => turn.turn,
    make: (turn) => (turn.turn === "none" ? way() : el("details", { class: "turn-card" }, el("summary"), el("ol", { class: "way" }), el("p", { class: "by" }))),
    update: (place, turn) => turn.turn !== "none" && fill(place, turn),
  });
}

/** Nothing but “it was read”: the tally counts it, and there is nothing to see. */
const isReceipt = (turn) => turn.over && turn.lines.every((line) => line.stop === "stored" && !line.text.startsWith("“"));

const nameOf = (turn) => all("phone/").find((one) => one.conversations.includes(turn.conversation))?.name ?? turn.channel;

/** Before anything has happened: what there will be to see. */
function way() {
  const stops = STOPS.map(([name, title, words]) => el("li", { "data-stop": name }, el("span", { class: "stop" }, title), el("div", { class: "lines" }, el("p", {}, words))));
  return el("div", { class: "ghost" }, el("p", { class: "lead" }, "Send a message. Every step of the answer will stand here, with its time."), el("ol", { class: "way" }, stops));
}

function fill(place, turn) {
  if (!place.listens) {
    place.listens = true;
    place.firstElementChild.addEventListener("click", () => touched.set(turn.turn, !place.open));
  }
  place.open = touched.get(turn.turn) ?? turn.latest;
  place.dataset.over = turn.over;
  const quoted = turn.lines.find((line) => line.stop === "stored" && line.text.startsWith("“"))?.text;
  const first = quoted ?? turn.lines.find((line) => line.stop === "stored" && line.ms === null)?.text ?? "A turn";
  place.firstElementChild.replaceChildren(
    el("span", { class: "what" }, turn.who ? el("b", {}, `${turn.who} `) : null, first),
    el("span", { class: "when" }, took(turn)),
    el("span", { class: "sum" }, summary(turn)),
  );
  // The customer's words stand above already.
  const lines = turn.lines.filter((line) => line.text !== first || line.stop !== "stored");
  const groups = STOPS.map(([name, title]) => ({ name, title, lines: lines.filter((line) => line.stop === name) })).filter((group) => group.lines.length);
  const [, way, by] = place.children;
  by.textContent = [turn.stage && `Stage ${turn.stage}`, turn.brain && `${turn.brain} brain`, turn.model].filter(Boolean).join(" · ");
  by.hidden = !by.textContent;
  keep(way, groups, {
    key: (group) => group.name,
    make: (group) => el("li", { "data-stop": group.name, "data-tone": tone(group.lines) }, el("span", { class: "stop" }, group.title), el("div", { class: "lines" }, group.lines.map(line))),
  });
}

function line(one) {
  return el("p", { "data-tone": one.tone }, el("span", {}, one.text), one.ms === null ? null : el("time", {}, one.ms === 0 ? "0 ms" : `+${one.ms.toLocaleString()} ms`));
}

const worst = ["stopped", "waits", "good", "plain"];
const tone = (lines) => worst.find((name) => lines.some((one) => one.tone === name));

function took(turn) {
  const last = Math.max(0, ...turn.lines.map((one) => one.ms ?? 0));
  return turn.over ? `${clock(turn.began)} · ${last < 1000 ? `${last} ms` : `${(last / 1000).toFixed(1)} s`}` : `${clock(turn.began)} · under way`;
}

/** The turn in a line: what was judged, else what became of it. */
function summary(turn) {
  const judged = turn.lines.filter((one) => one.stop === "judged");
  const desk = turn.lines.filter((one) => one.stop === "desk");
  const told = [...judged, ...desk.filter((one) => !judged.length || one.text.startsWith("Handed"))].slice(0, 3);
  if (told.length) return told.map((one) => el("span", { class: "chip", "data-tone": one.tone }, one.text));
  const said = turn.lines.find((one) => one.stop === "said" && one.text.startsWith("Deliver"));
  if (said) return [el("span", { class: "chip", "data-tone": "good" }, turn.brain ? "answered" : "passed on")];
  if (!turn.over && doc("service")?.life !== "ready") return [el("span", { class: "chip", "data-tone": "waits" }, "stored; waits for the service to come back")];
  return [];
}
