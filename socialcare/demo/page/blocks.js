// Slack's Block Kit as elements. Whatever stands in it, it becomes text: no markup is ever read as
// HTML, and links are shown, not followed. https://docs.slack.dev/reference/block-kit/blocks

import { el } from "./dom.js";

export function blocks(list, hands) {
  return el("div", { class: "blocks" }, list.map((one) => block(one, hands)));
}

export function block(one, hands) {
  switch (one.type) {
    case "header":
      return el("h3", { class: "header" }, one.text.text);
    case "section":
      return el("div", { class: "section" }, one.text ? el("p", {}, words(one.text)) : null, (one.fields ?? []).map((field) => el("p", { class: "field" }, words(field))), one.accessory ? element(one.accessory, hands) : null);
    case "context":
      return el("p", { class: "context" }, one.elements.map((each) => el("span", {}, each.type === "image" ? each.alt_text : words(each))));
    case "actions":
      return el("div", { class: "actions", role: "group", "aria-label": "Actions" }, one.elements.map((each) => element(each, hands)));
    case "divider":
      return el("hr");
    case "rich_text":
      return el("div", { class: "rich" }, one.elements.map(rich));
    case "image":
      return el("p", { class: "context" }, one.alt_text);
    case "markdown":
      return el("p", {}, String(one.text ?? ""));
    default:
      return el("p", { class: "context" }, `(${one.type})`);
  }
}

function element(one, hands) {
  if (one.type !== "button") return el("span", { class: "context" }, `(${one.type})`);
  const style = { primary: "primary", danger: "danger" }[one.style] ?? "";
  return el("button", { type: "button", class: `slack-button ${style}`, "data-focus": `${hands.name}${one.action_id}`, onclick: () => hands.press(one) }, one.text.text);
}

const words = (text) => (text.type === "mrkdwn" ? markdown(text.text) : lines(text.text));

/** Text with its line breaks. */
function lines(text) {
  return String(text).split("\n").flatMap((part, place) => (place ? [el("br"), part] : [part]));
}

// --- rich text

function rich(one) {
  switch (one.type) {
    case "rich_text_section":
      return el("p", {}, (one.elements ?? []).map(leaf));
    case "rich_text_quote":
      return el("blockquote", {}, (one.elements ?? []).map(leaf));
    case "rich_text_preformatted":
      return el("pre", {}, (one.elements ?? []).map(leaf));
    case "rich_text_list":
      return el(one.style === "ordered" ? "ol" : "ul", {}, (one.elements ?? []).map((each) => el("li", {}, (each.elements ?? []).map(leaf))));
    default:
      return el("p", { class: "context" }, `(${one.type})`);
  }
}

function leaf(one) {
  switch (one.type) {
    case "text": {
      const styles = Object.keys(one.style ?? {}).filter((name) => one.style[name]);
      return styles.length ? el("span", { class: styles.map((name) => `s-${name}`).join(" ") }, lines(one.text)) : el("span", {}, lines(one.text));
    }
    case "link":
      return el("span", { class: "link" }, one.text || one.url);
    case "user":
      return el("span", { class: "mention" }, `@${one.user_id}`);
    case "usergroup":
      return el("span", { class: "mention" }, `@${one.usergroup_id}`);
    case "broadcast":
      return el("span", { class: "mention" }, `@${one.range}`);
    case "emoji":
      return `:${one.name}:`;
    case "date":
      return one.fallback ?? "";
    default:
      return "";
  }
}

// --- mrkdwn: https://docs.slack.dev/messaging/formatting-message-text

const PIECE = /<([^<>\n]+)>|\*([^*\n]+)\*|_([^_\n]+)_|~([^~\n]+)~|`([^`\n]+)`|\n/g;

export function markdown(text) {
  const told = [];
  let at = 0;
  for (const found of text.matchAll(PIECE)) {
    told.push(plain(text.slice(at, found.index)));
    at = found.index + found[0].length;
    const [whole, marked, bold, italic, strike, code] = found;
    if (marked !== undefined) told.push(mark(marked));
    else if (bold !== undefined) told.push(el("b", {}, plain(bold)));
    else if (italic !== undefined) told.push(el("i", {}, plain(italic)));
    else if (strike !== undefined) told.push(el("s", {}, plain(strike)));
    else if (code !== undefined) told.push(el("code", {}, plain(code)));
    else told.push(whole === "\n" ? el("br") : whole);
  }
  told.push(plain(text.slice(at)));
  return told.filter((one) => one !== "");
}

function mark(inside) {
  const [target, label] = inside.split("|", 2);
  const stamp = /^!date\^(\d+)\^/.exec(target);
  if (stamp) return el("time", {}, new Date(Number(stamp[1]) * 1000).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }));
  if (target.startsWith("@") || target.startsWith("!") || target.startsWith("#")) return el("span", { class: "mention" }, plain(label ?? target));
  return el("span", { class: "link" }, plain(label ?? target));
}

const plain = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

// --- inputs of a modal

export function fields(one) {
  const element = one.element;
  const id = `in-${one.block_id}`;
  const name = { "data-input": `${one.block_id}/${element.action_id}`, id };
  return el(
    "div",
    { class: "input" },
    el("label", { for: id }, one.label.text, one.optional ? el("span", {}, " (optional)") : null),
    field(element, name, one.optional),
    one.hint ? el("p", { class: "context" }, one.hint.text) : null,
    el("p", { class: "error", role: "alert", "data-error": one.block_id }),
  );
}

function field(element, name, optional) {
  switch (element.type) {
    case "static_select":
    case "radio_buttons": {
      const chosen = element.initial_option?.value;
      const options = (element.options ?? []).map((each) => el("option", { value: each.value, selected: each.value === chosen }, each.text.text));
      return el("select", { ...name, required: !optional }, optional ? el("option", { value: "" }, "–") : null, options);
    }
    case "datepicker":
      return el("input", { ...name, type: "date", value: element.initial_date ?? "", required: !optional });
    default:
      return el(element.multiline ? "textarea" : "input", { ...name, value: element.initial_value ?? "", rows: element.multiline ? 5 : undefined, maxLength: element.max_length ?? 3000, required: !optional });
  }
}
