// The shop's books: every order with what was really paid back and sent.

import { all, doc, watch } from "./board.js";
import { chosenPhone, phoneKey } from "./chosen.js";
import { byId, el, keep } from "./dom.js";

export function shop() {
  watch(["order/", "phone/", "hints/"], draw);
}

function draw() {
  const one = chosenPhone();
  const own = new Set((one && doc(phoneKey(one).replace("phone/", "hints/"))?.orders) ?? []);
  const weight = (order) => 2 * Number(own.has(order.id)) + touched(order);
  const list = all("order/").reverse().sort((a, b) => weight(b) - weight(a) || (own.has(a.id) && a.id < b.id ? -1 : 0)).slice(0, 40);
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
