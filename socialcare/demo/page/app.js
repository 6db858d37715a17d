// The sandbox page: three panes, each drawn from the demo's documents.

import { ask, doc, listen, watch } from "./board.js";
import { byId, el, keep } from "./dom.js";
import { desk } from "./desk.js";
import { phone } from "./phone.js";
import { shop } from "./shop.js";
import { tries } from "./tries.js";
import { turns } from "./turns.js";

phone();
turns();
desk();
tries();
shop();
service();
theme();
tabs();
listen((lost) => {
  if (lost) pill("gone", "the demo is not there");
  else service.draw();
});

function pill(life, words) {
  const place = byId("service");
  place.dataset.life = life;
  place.lastElementChild.replaceChildren(...[words].flat());
}

function service() {
  const words = {
    starting: "starting",
    ready: "running",
    dead: "killed, comes back",
    stopped: "stopped",
  };
  service.draw = () => {
    const told = doc("service");
    if (told) pill(told.life, [words[told.life], el("span", { class: "wide" }, ` · process ${told.runs || 1}`)]);
  };
  watch(["service"], service.draw);
  watch(["tally", "seen", "service"], tally);
}

// --- nothing lost, nothing doubled

const PATIENCE_MS = 2000; // the store is counted a moment after the platforms are
const oddSince = new Map(); // by the row's name: since when it does not add up

function tally() {
  if (!doc("tally") || !doc("seen")) return;
  const one = { ...doc("tally"), ...doc("seen") };
  const busy = one.waiting + one.sending + one.open > 0 || doc("service")?.life !== "ready";
  const rows = [
    { name: "Messages", left: `${one.written} written`, right: `${one.stored} stored`, tone: compare(one.stored, one.written, true) },
    { name: "Replies", left: `${one.delivered} sent`, right: `${one.read} read`, tone: compare(one.read, one.delivered, busy) },
    { name: "Refunds", left: `${one.refunds} in the ledger`, right: `${one.shop_refunds} in the shop’s books`, tone: compare(one.shop_refunds, one.refunds, busy) },
    { name: "Replacements", left: `${one.goods} in the ledger`, right: `${one.shop_goods} in the shop’s books`, tone: compare(one.shop_goods, one.goods, busy) },
  ];
  for (const row of rows) row.tone = patient(row);
  keep(byId("tally"), rows, {
    key: (row) => row.name,
    make: (row) =>
      el("li", { "data-tone": row.tone }, el("span", { class: "name" }, row.name), " ", el("b", {}, row.left), el("i", {}, row.tone === "good" ? " = " : " · "), el("b", {}, row.right)),
  });
  const tones = rows.map((row) => row.tone);
  const verdict = tones.every((tone) => tone === "good") ? "✓ Nothing lost, nothing doubled" : tones.includes("off") ? oddity(one) : "… catching up";
  const place = byId("verdict");
  if (place.textContent !== verdict) place.textContent = verdict;
  place.dataset.tone = tones.every((tone) => tone === "good") ? "good" : tones.includes("off") ? "off" : "waits";
}

/** What does not add up is only said to be so when it stays. */
function patient({ name, tone }) {
  if (tone !== "off") oddSince.delete(name);
  else if (!oddSince.has(name)) {
    oddSince.set(name, Date.now());
    setTimeout(tally, PATIENCE_MS + 50);
  }
  return tone === "off" && Date.now() - oddSince.get(name) < PATIENCE_MS ? "waits" : tone;
}

const compare = (found, wanted, busy) => (found === wanted ? "good" : busy ? "waits" : "off");

function oddity(one) {
  const more = one.read - one.delivered;
  return more > 0 ? `${more} read twice: a platform’s answer was lost` : "Not even: see the turns";
}

// --- light, dark, and one pane at a time on a small screen

function theme() {
  const names = ["system", "light", "dark"];
  const kept = localStorage.getItem("theme");
  let now = names.includes(kept) ? kept : "system";
  const show = () => {
    byId("theme-name").textContent = now;
    byId("theme").setAttribute("aria-label", `Theme: ${now}`);
    if (now === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = now;
  };
  byId("theme").addEventListener("click", () => {
    now = names[(names.indexOf(now) + 1) % names.length];
    localStorage.setItem("theme", now);
    show();
  });
  show();
}

function tabs() {
  const buttons = [...document.querySelectorAll("[data-go]")];
  for (const button of buttons) {
    button.addEventListener("click", () => {
      document.body.dataset.pane = button.dataset.go;
      for (const other of buttons) other.removeAttribute("aria-current");
      button.setAttribute("aria-current", "true");
      delete button.dataset.news;
    });
  }
  const mark = (name) => () => {
    if (document.body.dataset.pane !== name) document.querySelector(`[data-go="${name}"]`).dataset.news = "";
  };
  watch(["turn/"], mark("turn"));
  watch(["post/", "colleague/"], mark("desk"));
  watch(["phone/"], mark("customer"));
}

byId("calm").addEventListener("click", () => ask("calm"));
