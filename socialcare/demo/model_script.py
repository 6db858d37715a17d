"""What the demo's language model says: a short script behind the HTTP of a real one; no wit at all.

It sees what any model would see, masked and marked, and asks for tools as any would. So everything
around a model is real here: the budget, the limits, the checks of its words, and what happens when
it is gone. To be seen to be checked it also lies, when it is told to.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from socialcare.sandbox.language_model import Answer, results, wants

NAME: Final = "scripted-model"
DEEDS: Final = frozenset({"refund", "replacement"})
WORDS_MAX: Final = 400
"""Characters of an article that are said."""

Json = dict[str, Any]

_ORDER: Final = re.compile(r"\b[A-Z]-\d{5,6}\b")
_MAIL: Final = re.compile(r"\[EMAIL_\d+\]")
_POSTCODE: Final = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b")
_MONEY: Final = re.compile(r"refund|money back|charged twice", re.IGNORECASE)
_TWICE: Final = re.compile(r"twice|double", re.IGNORECASE)
_GOODS: Final = re.compile(r"replacement|damaged|broken", re.IGNORECASE)
_WHERE: Final = re.compile(r"where is|status|track", re.IGNORECASE)
_TRICK: Final = re.compile(r"ignore (?:all )?previous|admin mode", re.IGNORECASE)
_DATA: Final = re.compile(r'<data source="([^"]+)">\n(.*?)\n</data>', re.DOTALL)


def script(request: Json) -> Answer:
    """Take the next step of a conversation, as far as the script goes."""
    told = _told(request)
    new = told.get("new messages of the customer", "")
    if _TRICK.search(new):
        return Answer(text="I have refunded 5000.00 GBP to you.")
    said = "\n".join((told.get("conversation so far", ""), new))
    known = results(request)
    tools = {one["function"]["name"] for one in request.get("tools", ())}
    for wish, tool, plan in (
        (_MONEY, "charges", _refund),
        (_WHERE, "order_status", _status),
    ):
        if wish.search(new) or (wish.search(said) and _proof(new)):
            return plan(said, known) if tool in tools else _passed_on()
    return _from_articles(told.get("articles", ""))


def _told(request: Json) -> Mapping[str, str]:
    first: Json = next((one for one in request["messages"] if one["role"] == "user"), {})
    return dict(_DATA.findall(str(first.get("content") or "")))


def _proof(text: str) -> Json:
    """Read who the customer says they are."""
    order, mail, postcode = (each.findall(text) for each in (_ORDER, _MAIL, _POSTCODE))
    proof = {"order_id": order, "email": mail, "postcode": postcode}
    return {name: values[-1] for name, values in proof.items() if values}


def _refund(said: str, known: list[Json]) -> Answer:
    """Look the charges up, pay one back, and send goods again where that was wished for."""
    proof = _proof(said)
    if not {"order_id", "email"} <= proof.keys():
        return Answer(text="Please tell me your order number and the e-mail address you used.")
    order = {"order_id": proof["order_id"]}
    if not known:
        calls: list[tuple[str, Json]] = [("charges", {**order, "email": proof["email"]})]
        if _GOODS.search(said):
            calls.append(("order_status", {**order, "email": proof["email"]}))
        return wants(*calls)
    if known[0].get("state") != "known" or any(one.get("action") in DEEDS for one in known):
        return _outcomes(known)
    wished = _wishes(order, said, known)
    return wants(*wished) if wished else _passed_on()


def _wishes(order: Json, said: str, known: list[Json]) -> list[tuple[str, Json]]:
    charges = known[0]["result"].get("charges", [])
    wished: list[tuple[str, Json]] = []
    if charges:
        charge = charges[-1] if _TWICE.search(said) else charges[0]
        amount, _, currency = str(charge["amount"]).partition(" ")
        paid = {"charge_id": charge["charge_id"], "amount": amount, "currency": currency}
        wished.append(("refund", {**order, **paid, "reason": "asked for by the customer"}))
    lines = known[1]["result"].get("lines", []) if len(known) > 1 and "result" in known[1] else []
    if lines:
        sent = {"line_id": lines[0]["line_id"], "reason": "arrived damaged"}
        wished.append(("replacement", {**order, **sent}))
    return wished


_ENDS: Final[Mapping[tuple[str, str], Callable[[Json], str]]] = {
    ("refund", "done"): lambda one: f"I have refunded {one.get('amount', 'it')} to you.",
    ("refund", "waiting"): lambda _: "The refund needs a colleague's approval; I have asked.",
    ("replacement", "done"): lambda _: "A replacement is on its way to you.",
    ("replacement", "waiting"): lambda _: "The replacement needs a colleague's approval.",
}


def _outcomes(known: list[Json]) -> Answer:
    """Tell how each deed ended; what ended otherwise is a colleague's."""
    deeds = [one for one in known if one.get("action") in DEEDS]
    told = [_ENDS.get((str(one["action"]), str(one.get("state")))) for one in deeds]
    if not deeds or None in told:
        return _passed_on()
    words = [say(one) for say, one in zip(told, deeds, strict=True) if say is not None]
    return Answer(text=" ".join(words))


def _status(said: str, known: list[Json]) -> Answer:
    proof = _proof(said)
    if "order_id" not in proof or len(proof) < 2:
        return Answer(text="Please tell me your order number and the postcode it goes to.")
    if not known:
        return wants(("order_status", proof))
    result = known[-1].get("result") or {}
    if known[-1].get("state") != "known" or "status" not in result:
        return _passed_on()
    return Answer(text=f"Your order {proof['order_id']} is {result['status']}.")


def _from_articles(text: str) -> Answer:
    try:
        articles = json.loads(text or "[]")
    except ValueError:
        articles = []
    if not articles:
        return _passed_on()
    body = re.sub(r"^#.*$", "", str(articles[0]["text"]), flags=re.MULTILINE).strip()
    return Answer(text=body.split("\n\n")[0][:WORDS_MAX])


def _passed_on() -> Answer:
    return wants(("hand_over", {"note": "The script of this model ends here."}))
