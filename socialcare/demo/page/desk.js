// The desk in Slack: posts with their threads, and what stands before the colleague one is.

import { all, ask, doc, watch } from "./board.js";
import { block, blocks, fields, markdown } from "./blocks.js";
import { chosenPhone } from "./chosen.js";
import { byId, clock, el, keep } from "./dom.js";

let me = "";
let asked = null;

export function desk() {
  watch(["post/", "channel/", "colleague/", "phone/"], draw);
  byId("me").addEventListener("change", (event) => {
    me = event.target.value;
    draw();
  });
  const dialog = byId("modal");
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    ask("desk/submit", { colleague: me, close: true });
  });
}

function draw() {
  const colleagues = all("colleague/").sort((a, b) => (a.id < b.id ? -1 : 1));
  if (!colleagues.length) return;
  if (!me) me = colleagues[0].id;
  const pairs = colleagues.map((one) => [one.id, one.name]);
  const select = byId("me");
  if (select.sign !== JSON.stringify(pairs)) {
    select.replaceChildren(...pairs.map(([id, name]) => el("option", { value: id }, name)));
    select.sign = JSON.stringify(pairs);
    select.value = me;
  }
  const self = doc(`colleague/${me}`);
  byId("may").textContent = self.may ? `${self.name} ${self.may}` : `${self.name} may answer, but not sign off`;
  posts(self);
  modal(self);
}

function posts(self) {
  const told = all("post/");
  const mine = new Set(chosenPhone()?.conversations ?? []);
  const roots = told
    .filter((one) => one.thread === null)
    .map((one) => ({
      ...one,
      me,
      mine: mine.has(one.conversation),
      place: `#${doc(`channel/${one.channel}`)?.name ?? one.channel}`,
      replies: told.filter((each) => each.thread === one.ts && each.channel === one.channel).sort(early),
      whispers: self.whispers.filter((each) => each.channel === one.channel && each.ts > one.ts),
    }));
  roots.sort((a, b) => (newest(a) < newest(b) ? 1 : -1));
  whisper(roots, self.whispers);
  const list = roots.length ? roots : [{ ts: "none", channel: "" }];
  keep(byId("posts"), list, {
    key: (one) => one.channel + one.ts,
    make: (one) => (one.ts === "none" ? el("p", { class: "empty" }, "Nobody needs a colleague yet. What the bot may not do alone will appear here.") : thread()),
    update: (place, one) => one.ts !== "none" && fill(place, one),
  });
}

const early = (a, b) => (a.ts < b.ts ? -1 : 1);
const newest = (one) => one.replies.at(-1)?.ts ?? one.ts;

/** Show a whisper once, under the post of which it most likely speaks: the one pressed last. */
function whisper(roots, whispers) {
  for (const one of roots) one.whispers = asked && one.ts === asked.root ? whispers.filter((each) => each.ts > asked.since) : [];
}

function thread() {
  const form = el(
    "form",
    { class: "reply" },
    el("input", { maxLength: 3000, placeholder: "Write in the thread…", autocomplete: "off", "aria-label": "Write in the thread" }),
    el("button", { type: "submit", class: "quiet small" }, "Post"),
  );
  const more = el("details", { class: "thread" }, el("summary"), el("div", { class: "replies" }), form);
  return el("article", { class: "card" }, el("div", { class: "root" }), el("div", { class: "asks" }), el("div", { class: "whispers" }), more);
}

function fill(place, one) {
  const [root, asks, whispers, more] = place.children;
  place.classList.toggle("chosen", one.mine);
  keep(root, [bare(one)], { key: (each) => each.ts, make: (each) => post(each, one) });
  keep(whispers, one.whispers, { key: (each) => each.ts, make: (each) => el("div", { class: "whisper", role: "status" }, el("p", { class: "only" }, "Only visible to you"), post(each, one)) });
  // What a colleague is asked stands outside the thread, where nobody overlooks it.
  const replies = one.replies.map((each) => ({ ...each, me }));
  keep(asks, replies.filter(asking), { key: (each) => each.ts, make: (each) => post(each, one) });
  more.firstElementChild.textContent = one.replies.length ? `${one.replies.length} ${one.replies.length === 1 ? "reply" : "replies"} in the thread` : "Reply in the thread";
  keep(more.children[1], replies.filter((each) => !asking(each)), { key: (each) => each.ts, make: (each) => post(each, one) });
  more.lastElementChild.onsubmit = (event) => {
    event.preventDefault();
    const field = event.target.firstElementChild;
    const text = field.value.trim();
    if (!text) return;
    field.value = "";
    ask("desk/reply", { colleague: me, channel: one.channel, ts: one.ts, text });
  };
}

const asking = (each) => each.blocks.some((part) => part.type === "actions");
const bare = ({ replies, whispers, mine, ...one }) => one;

function post(one, root) {
  const press = (button) => {
    asked = { root: root.ts, since: sinceNow() };
    ask("desk/press", { colleague: me, channel: one.channel, ts: one.ts, action: button.action_id, value: button.value ?? "" });
  };
  return el(
    "div",
    { class: "post" },
    el("p", { class: "by" }, el("b", {}, one.name), one.app ? el("span", { class: "app" }, "APP") : null, el("time", { dateTime: one.at }, clock(one.at)), one.edited ? el("span", { class: "edited" }, "updated") : null, one.place && one.thread === null ? el("span", { class: "place" }, one.place) : null),
    one.blocks.length ? blocks(one.blocks, { press, name: `${one.channel}${one.ts}` }) : el("p", { class: "words" }, markdown(one.text)),
  );
}

/** Slack's ts of this moment, a little earlier: clocks of two processes on one machine agree. */
const sinceNow = () => String(Date.now() / 1000 - 0.5);

// --- modals

function modal(self) {
  const dialog = byId("modal");
  const view = self.view;
  if (!view) {
    if (dialog.open) dialog.close();
    dialog.sign = "";
    return;
  }
  const sign = `${self.id}${view.id}${view.hash}`;
  if (dialog.sign !== sign) {
    dialog.sign = sign;
    dialog.replaceChildren(form(self, view));
    if (!dialog.open) dialog.showModal();
  }
  for (const [id, words] of Object.entries(self.errors)) {
    const place = dialog.querySelector(`[data-error="${CSS.escape(id)}"]`);
    if (place) place.textContent = words;
  }
}

function form(self, view) {
  const body = view.blocks.map((one) => (one.type === "input" ? fields(one) : block(one, { press: () => {}, name: view.id })));
  const send = (event) => {
    event.preventDefault();
    const values = {};
    for (const field of event.target.querySelectorAll("[data-input]")) values[field.dataset.input] = field.value;
    ask("desk/submit", { colleague: self.id, values });
  };
  return el(
    "form",
    { class: "modal", onsubmit: send },
    // What is only to be read is read from its beginning, not from its button.
    el("h2", { id: "modal-title", ...(view.submit ? {} : { tabIndex: -1, autofocus: true }) }, view.title.text),
    el("p", { class: "as" }, `as ${self.name}`),
    body,
    el(
      "div",
      { class: "buttons" },
      el("button", { type: "button", class: "quiet", onclick: () => ask("desk/submit", { colleague: self.id, close: true }) }, view.close?.text ?? "Cancel"),
      view.submit ? el("button", { type: "submit", class: "primary" }, view.submit.text) : null,
    ),
  );
}
