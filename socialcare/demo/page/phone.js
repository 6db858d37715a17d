// The customer's phone: what they see, and what they may do on their platform.

import { all, ask, doc, watch } from "./board.js";
import { choose, chosenPhone, comingChannel, phoneKey } from "./chosen.js";
import { byId, clock, el, keep } from "./dom.js";

const OWNERS = {
  bot: "the bot answers",
  desk: "waits for a colleague",
  colleague: "a colleague answers",
  elsewhere: "answered elsewhere",
};
let shown = null;
let awaited = null;
let picked = null; // a channel on which nobody is yet: its first customer is on the way

export function phone() {
  watch(["phone/", "hints/", "platform/", "owner/"], draw);
  watch(["service"], () => {
    const told = doc("service");
    if (told) byId("webchat").href = told.webchat;
  });
  byId("channel").addEventListener("change", () => pickChannel(byId("channel").value));
  byId("customers").addEventListener("change", (event) => choose(event.target.value));
  byId("write").addEventListener("submit", (event) => {
    event.preventDefault();
    write();
  });
  byId("say").addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    write();
  });
  byId("enter").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = byId("newcomer");
    const name = field.value.trim();
    if (!name) return field.focus();
    const channel = byId("channel").value;
    picked = null;
    const told = await ask("enter", { channel, name });
    if (!told) return;
    field.value = "";
    choose(`phone/${channel}.${told.phone}`);
    byId("say").focus();
  });
}

async function write() {
  const one = chosenPhone();
  const field = byId("say");
  const text = field.value.trim();
  if (!one || !text) return;
  field.value = "";
  const isPublic = publicly() && byId("public").checked;
  awaited = phoneKey(one);
  const told = await ask("write", { channel: one.channel, phone: one.id, text, public: isPublic });
  if (told === null) field.value = text;
}

/** Where nobody is yet, the customer in hand comes along, unknown there as anybody. */
async function pickChannel(channel) {
  const latest = all(`phone/${channel}.`).at(-1);
  picked = null;
  if (latest) return choose(phoneKey(latest));
  picked = channel;
  const told = await ask("enter", { channel, name: chosenPhone()?.name ?? "Nora" });
  if (picked !== channel) return;
  picked = null;
  if (told) choose(`phone/${channel}.${told.phone}`);
  else draw();
}

const publicly = () => doc(`platform/${chosenPhone()?.channel}`)?.abilities.includes("post") ?? false;

function draw() {
  const one = chosenPhone();
  const platforms = all("platform/");
  options(byId("channel"), platforms.map((each) => [each.name, each.title]), picked ?? comingChannel() ?? one?.channel);
  if (!one) return;
  const phones = all(`phone/${one.channel}.`).sort((a, b) => Number(b.id) - Number(a.id) || (a.id < b.id ? 1 : -1));
  options(byId("customers"), phones.map((each) => [phoneKey(each), label(each, phones)]), phoneKey(one));
  const platform = doc(`platform/${one.channel}`);
  byId("phone-name").textContent = `${one.name} · ${platform?.title ?? one.channel}`;
  byId("face").textContent = [...one.name][0] ?? "?";
  const owner = one.conversations.map((each) => doc(`owner/${each}`)?.owner).find(Boolean);
  byId("owner").textContent = owner ? OWNERS[owner] : "has not written yet";
  byId("owner").dataset.owner = owner ?? "";
  document.querySelector("label.public").hidden = !publicly();
  bubbles(one);
  byId("typing").textContent = one.typing ? "Northwind is typing …" : "";
  hints(one);
}

/** Several may have one name: the later ones are numbered. */
function label(one, phones) {
  const same = phones.filter((each) => each.name === one.name);
  const place = same.length - same.indexOf(one);
  return same.length > 1 && place > 1 ? `${one.name} (${place})` : one.name;
}

function options(select, pairs, value) {
  const sign = JSON.stringify(pairs);
  if (select.sign !== sign) {
    select.replaceChildren(...pairs.map(([name, text]) => el("option", { value: name }, text)));
    select.sign = sign;
  }
  if (value !== undefined) select.value = value;
}

function bubbles(one) {
  const chat = byId("chat");
  const other = shown !== phoneKey(one);
  const low = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 60;
  if (other) chat.replaceChildren();
  shown = phoneKey(one);
  const list = one.bubbles.length ? one.bubbles : [{ id: "none" }];
  keep(chat, list, { key: (each) => each.id, make: (each) => (each.id === "none" ? empty() : bubble(one, each)) });
  if (other || low || awaited === shown) chat.scrollTop = chat.scrollHeight;
  if (one.bubbles.at(-1)?.mine === false) awaited = null;
}

const empty = () => el("p", { class: "empty" }, "Nothing said yet. Pick one of the lines below, or write your own.");

function bubble(one, each) {
  const buttons = each.choices.map((choice) =>
    el("button", { type: "button", class: "choice", "data-focus": choice.value, onclick: () => ask("press", { channel: one.channel, phone: one.id, value: choice.value }) }, choice.label),
  );
  return el(
    "div",
    { class: `bubble ${each.mine ? "mine" : "theirs"}` },
    el("span", { class: "sr" }, each.mine ? "Customer: " : "Northwind: "),
    el("p", {}, each.text),
    buttons.length ? el("div", { class: "choices" }, buttons) : null,
    el("time", { dateTime: each.at }, clock(each.at) + (each.edited ? " · edited" : "") + (each.public ? " · public" : "")),
  );
}

function hints(one) {
  const told = doc(phoneKey(one).replace("phone/", "hints/"))?.hints ?? [];
  keep(byId("hints"), told, {
    key: (hint) => hint.text,
    make: (hint) =>
      el(
        "button",
        {
          type: "button",
          class: "hint",
          title: hint.text,
          onclick: () => {
            byId("say").value = hint.text;
            byId("say").focus();
          },
        },
        hint.label,
      ),
  });
}
