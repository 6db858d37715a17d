// The shop's books: every order with what was really paid back and sent.

import { all, watch } from "./board.js";
import { byId, el, keep } from "./dom.js";

export function shop() {
  watch(["order/"], draw);
}

function draw() {
  const list = all("order/").reverse().sort((a, b) => touched(b) - touched(a)).slice(0, 40);
  keep(byId("orders"), list, { key: (one) => one.id, make: order });
}

const touched = (one) => Number(one.replacements.length > 0 || one.charges.some((charge) => charge.refunds.length > 0));

function order(one) {
  const rows = one.charges.map((charge) =>
    el(
      "li",
      { "data-tone": charge.refunds.length ? "good" : "plain" },
      `charged ${charge.amount}`,
      charge.refunds.map((refund) => el("b", {}, refund === charge.amount ? " → paid back" : ` → ${refund} back`)),
    ),
  );
  const sent = one.replacements.map((words) => el("li", { "data-tone": "good" }, el("b", {}, `replacement ${words}`)));
  return el("li", { class: "order" }, el("h3", {}, `${one.id} `, el("span", {}, `${one.lines.join(", ")} · ${one.status}`)), el("ul", {}, rows, sent));
}
