"""A language model that does its work as the prompt says, and nothing else: honest, and scripted.

It is no fake of the brain's: like any model it sees the request alone (rules, marked data, tools
and their results) and answers with words or wishes. What takes wit in a real model, what is wanted
and how it is said, comes from the shipped classifier and the shipped words; what to ask, look up,
do and tell is decided here, from the transcript, each time anew.
"""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from brain.embedded import Mind
from brain.lacking import lacks, lacks_by_name, looks_for_it
from brain.triage import Understanding
from brain.wordbook import say
from config.money import Money
from socialcare.sandbox.language_model import Answer, results, wants

Json = dict[str, Any]
BRAND = "Northwind Outfitters"
LANGUAGES = {"English": "en", "German": "de", "French": "fr", "Spanish": "es"}
ARTICLES = {"hours": {"store_hours"}, "returns": {"start_return", "return_status"}}
ARTICLES["shipping"] = {"shipping_info"}
STATUS = {"order_status", "delivery_late", "not_received"}
BROKEN = {"damaged_item", "wrong_item", "missing_item", "defective_item"}
GOODS = {*BROKEN, "replacement_request"}
MONEY = {"refund_request", "refund_status", "duplicate_charge"}
KNOWN = {*STATUS, *GOODS, *MONEY}
SMALL = ("thanks", "greeting", "praise")
ASIDE = {*SMALL, "confirmation_yes", "confirmation_no"}
QUESTIONS = {"product_question", "stock_question", "store_hours", "shipping_info"}
_ORDER = re.compile(r"\b[A-Z]-?\d{5,6}\b")
_EMAIL = re.compile(r"\[EMAIL_\d+\]")
_POSTCODE = re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b")
_DATA = re.compile(r'<data source="([^"]+)">\n?(.*?)\n?</data>', re.DOTALL)
_LINE = re.compile(r"^(customer|you|colleague): ", re.MULTILINE)


@dataclass(slots=True)
class Seen:
    """A request, read as a model reads it."""

    language: str
    new: str
    history: list[tuple[str, str]]
    articles: list[Json]
    results: list[tuple[str, Json, Json]]
    """Tool, arguments, result."""
    facts: str = ""

    @property
    def customer(self) -> list[str]:
        return [text for who, text in self.history if who == "customer"]

    @property
    def mine(self) -> list[str]:
        return [text for who, text in self.history if who == "you"]

    def said(self, key: str) -> int:
        """Count own lines that hold a sentence's beginning."""
        begins = say(self.language, key, **dict.fromkeys(("things", "brand"), "{")).split("{")[0]
        return sum(begins.strip() in line for line in self.mine)

    def result(self, tool: str) -> Json | None:
        return next((told for name, _, told in self.results if name == tool), None)


def read(request: Json) -> Seen:
    messages = request["messages"]
    found = re.search(r"Answer in (\w+)", messages[0]["content"])
    data = dict(
        _DATA.findall("\n".join(str(m["content"]) for m in messages if m["role"] == "user"))
    )
    transcript = data.get("conversation so far", "")
    pieces = _LINE.split(transcript)[1:]
    history = [(who, text.strip()) for who, text in zip(pieces[::2], pieces[1::2], strict=True)]
    wishes = {
        call["id"]: (call["function"]["name"], json.loads(call["function"]["arguments"] or "{}"))
        for one in messages
        for call in one.get("tool_calls") or ()
    }
    asked = (wishes[one["tool_call_id"]] for one in messages if one["role"] == "tool")
    told = [(*wish, result) for wish, result in zip(asked, results(request), strict=True)]
    articles = json.loads(data["articles"]) if data.get("articles") else []
    return Seen(
        language=LANGUAGES[found[1]] if found else "en",
        new=data["new messages of the customer"],
        history=history,
        articles=articles,
        results=told,
        facts=data.get("known facts", ""),
    )


@dataclass(slots=True)
class Honest:
    """The script of a `ModelStandIn`."""

    mind: Mind

    def __call__(self, request: Json) -> Answer:
        return _Thought(self.mind, read(request)).answer()


class _Thought:
    def __init__(self, mind: Mind, seen: Seen) -> None:
        self._mind, self._seen = mind, seen
        self._now = self._understood(seen.new)
        topics = [issue.topic for issue in self._now.issues if not issue.topic.startswith("_")]
        rest = _EMAIL.sub("", _ORDER.sub("", seen.new))
        # A number and an address alone answer what was asked, and so does another number.
        goes_on = "I meant" in rest or not re.search(r"\w{2,}", rest)
        self._topics = set() if goes_on else set(topics)
        self._wish = self._topics - ASIDE or self._earlier()
        texts = [seen.new, *reversed(seen.customer)]
        self._order = next((one[-1] for text in texts if (one := _ORDER.findall(text))), None)
        self._email = next((one[-1] for text in texts if (one := _EMAIL.findall(text))), None)
        self._postcode = next((one[-1] for text in texts if (one := _POSTCODE.findall(text))), None)

    def _understood(self, text: str) -> Understanding:
        found = self._mind.triage.understand(
            text,
            now=datetime.now(UTC),  # noqa: TID251 - what day it is stands in the prompt, too
            timezone=ZoneInfo("Europe/London"),
            prior_language=self._seen.language,
        )
        return replace(found, issues=self._mind.triage.wanted(found.issues))

    def _earlier(self) -> set[str]:
        """What was wanted before, where the new words only go on."""
        wanted: set[str] = set()
        for text in self._seen.customer:
            topics = {one.topic for one in self._understood(text).issues}
            wanted |= {one for one in topics - ASIDE if not one.startswith("_")}
        return wanted

    # --- what to do

    def answer(self) -> Answer:
        for way in (self._small, self._outside, self._from_articles, self._from_the_shop):
            answer = way()
            if answer is not None:
                return answer
        if not self._wish:
            return self._not_understood()
        key = "no_answer" if self._wish & QUESTIONS else "handoff_topic"
        return self._over("no_answer", key)

    def _small(self) -> Answer | None:
        spam = self._now.out_of_scope or self._topics & {"spam", "out_of_scope"}
        if self._now.mood == "angry" and not self._wish & KNOWN and not spam:
            return self._over("angry", "handoff_angry")
        if self._topics and self._topics <= set(SMALL) and not self._seen.results:
            return Answer(text=self._say(next(one for one in SMALL if one in self._topics)))
        return None

    def _outside(self) -> Answer | None:
        spam = self._topics & {"spam", "out_of_scope"} or "http" in self._seen.new
        goes_on = self._earlier() & KNOWN or _EMAIL.search(self._seen.new)
        if not spam and (not self._now.out_of_scope or goes_on):
            return None
        if self._seen.said("out_of_scope") and not self._topics:
            return self._over("not_understood", "no_answer")
        return Answer(text=self._say("out_of_scope", brand=BRAND))

    def _from_articles(self) -> Answer | None:
        fit = [
            one
            for one in self._seen.articles
            if ARTICLES.get(one["id"].partition("-")[0], set()) & self._topics
        ]
        if not fit:
            return None
        return Answer(text="\n".join(one["text"].split("\n")[0] for one in fit))

    def _not_understood(self) -> Answer:
        if self._seen.said("clarify"):
            return self._over("not_understood", "no_answer")
        return Answer(text=self._say("clarify"))

    def _from_the_shop(self) -> Answer | None:
        if not self._wish & KNOWN:
            return None
        if self._wish & {"cancel_order"}:
            return self._over("no_answer", "handoff_topic")
        known = self._proved()
        if known is not None:
            return known
        if self._wish & {"duplicate_charge"}:
            return self._double()
        if "not_received" in self._wish:
            return self._status()
        if self._wish & GOODS:
            return self._goods()
        if self._wish & {"refund_request"}:
            return self._refund()
        return self._charges_told() if self._wish & {"refund_status"} else self._status()

    def _proved(self) -> Answer | None:
        """Ask for what is missing, then look; None: the order is known to be theirs."""
        money = bool(self._wish & (MONEY | GOODS))
        proof = self._email or (None if money else self._postcode)
        if self._order is None or proof is None:
            return self._ask(money=money, proof=proof)
        tool = "charges" if self._wish & MONEY else "order_status"
        told = self._seen.result(tool)
        if told is None:
            held = {"email": self._email} if self._email else {"postcode": self._postcode}
            return wants((tool, {"order_id": self._order, **held}))
        if told["state"] == "refused":
            if self._seen.said("not_proved"):
                return self._over("not_proved", "not_proved_again")
            return Answer(text=self._say("not_proved"))
        return None

    def _ask(self, *, money: bool, proof: str | None) -> Answer:
        choose = self._wish & GOODS and self._way() is None
        asked = sum(map(self._seen.said, ("ask", "ask_again", "ask_rest")))
        given = _ORDER.search(self._seen.new) or _EMAIL.search(self._seen.new)
        gone = asked > 1 or lacks(self._seen.new)
        if (asked and not given and gone) or (not self._order and lacks_by_name(self._seen.new)):
            return self._over("missing", "handoff_missing")
        if asked and not given and looks_for_it(self._seen.new):
            return Answer(text=self._say("no_hurry"))
        key = ("ask_rest" if given else "ask_again") if asked else "ask"
        thing = "where" if asked else "thing"
        things = [] if self._order else [self._say(f"{thing}_order_id")]
        if proof is None:
            needed = "email" if money else "email_or_postcode"
            things.append(self._say(f"{thing}_{needed}"))
        sentence = self._say(key, things=self._say("and").join(things))
        if choose:
            return Answer(text=f"{self._say('choose')} {sentence}")
        sorry = f"{self._say('sorry')} " if self._wish & BROKEN else ""
        return Answer(text=f"{sorry}{sentence}")

    # --- what was looked up, told

    def _status(self) -> Answer:
        order = self._view()
        status = self._say(f"status_{order['status']}")
        told = [self._say("order_status", order=order["order_id"], status=status)]
        tracking = order.get("tracking") or {}
        if tracking.get("number"):
            told.append(
                self._say("order_tracking", carrier=tracking["carrier"], number=tracking["number"])
            )
        if tracking.get("expected") and order["status"] == "shipped":
            told.append(self._say("order_expected", date=_day(tracking["expected"])))
        if "not_received" in self._wish and order["status"] == "delivered":
            words = f"{self._say('sorry')} {' '.join(told)} {self._say('not_received')}"
            return self._over("not_received", words=words)
        sorry = "" if self._wish == {"order_status"} else f"{self._say('late_sorry')} "
        return Answer(text=sorry + " ".join(told))

    def _view(self) -> Json:
        told = self._seen.result("order_status")
        assert told is not None
        result: Json = told["result"]
        return result

    def _charges(self) -> list[Json]:
        told = self._seen.result("charges")
        assert told is not None
        charges: list[Json] = told["result"]["charges"]
        return charges

    def _charges_told(self) -> Answer:
        back = [_money(one["refunded"]) for one in self._charges()]
        given = sum(one.minor for one in back)
        order = self._order or ""
        if not given:
            return Answer(text=self._say("refund_status_none", order=order))
        amount = Money(given, back[0].currency)
        return Answer(text=self._say("refund_status_some", order=order, amount=amount))

    def _double(self) -> Answer:
        first, *others = self._charges()
        twice = [one for one in others if one["amount"] == first["amount"]]
        if not twice:
            return Answer(text=self._say("double_none", order=self._order or ""))
        return self._pay_back(twice[-1], "double")

    def _refund(self) -> Answer:
        return self._pay_back(self._charges()[0], "refund")

    def _pay_back(self, charge: Json, kind: str) -> Answer:
        amount, order = _money(charge["amount"]), self._order or ""
        told = self._seen.result("refund")
        if charge["refunded"] == charge["amount"]:
            return Answer(text=self._say(f"{kind}_done_before", order=order, amount=amount))
        if told is None:
            major, currency = charge["amount"].split()
            wish = {"order_id": order, "charge_id": charge["charge_id"], "amount": major}
            return wants(("refund", {**wish, "currency": currency, "reason": kind}))
        if told.get("state") == "done":
            return Answer(text=self._say(f"{kind}_done", order=order, amount=amount))
        if told.get("state") == "waiting":
            return Answer(text=self._say(f"{kind}_waits", order=order, amount=amount))
        words = self._say("refund_above", order=order, amount=amount)
        return self._over("refused", words=words)

    # --- goods

    def _way(self) -> str | None:
        """Tell what the customer would rather have; None: nobody knows, or both."""
        texts = "\n".join([*self._seen.customer, self._seen.new])
        back = bool(re.search(r"money back|refund|Geld zurück", self._seen.new))
        new = bool(re.search(r"replacement|new (one|pair)|Ersatz", texts, re.IGNORECASE))
        if back and re.search(r"replacement", self._seen.new):
            return None
        return "money" if back else "new" if new or "replacement_request" in self._wish else None

    def _goods(self) -> Answer:
        way = self._way()
        if way is None:
            return Answer(text=self._say("choose"))
        if way == "money":
            if self._seen.result("charges") is None:
                return wants(("charges", {"order_id": self._order, "email": self._email}))
            return self._refund()
        if "confirmation_no" in self._topics:
            return Answer(text=self._say("replacement_declined"))
        return self._replace()

    def _replace(self) -> Answer:
        lines = self._view()["lines"]
        words = "\n".join([*self._seen.customer, self._seen.new]).casefold()
        line = next((one for one in lines if _meant(one["title"], words)), lines[0])
        item = line["title"]
        due = self._now.deadline if "confirmation_yes" not in self._topics else None
        wish = {"order_id": self._order, "line_id": line["line_id"]}
        if due is not None:
            promise = self._seen.result("delivery_promise")
            if promise is None:
                return wants(("delivery_promise", wish))
            earliest = _day(promise["result"]["earliest"])
            if earliest > due:
                key = "replacement_late"
                return Answer(text=self._say(key, item=item, wanted=due, date=earliest))
        told = self._seen.result("replacement")
        if told is None:
            by = {} if due is None else {"by": due.isoformat()}
            return wants(("replacement", {**wish, **by, "reason": "not as it should be"}))
        if told.get("state") == "done":
            promised = _day(told["result"]["promised_for"])
            return Answer(text=self._say("replacement_done", item=item, date=promised))
        if told.get("state") == "waiting":
            return Answer(text=self._say("replacement_waits", item=item))
        return self._over("refused", words=self._say("replacement_above", item=item))

    # --- words

    def _say(self, key: str, **values: Any) -> str:
        return say(self._seen.language, key, **values)

    def _over(self, reason: str, key: str = "", *, words: str = "") -> Answer:
        """Hand over, and say so."""
        note = f"Wants: {', '.join(sorted(self._wish)) or 'not clear'}"
        arguments = json.dumps({"reason": reason, "note": note})
        return Answer(text=words or self._say(key), calls=(("hand_over", arguments),))


def _meant(title: str, words: str) -> bool:
    """Tell whether a line's goods are named in plain words."""
    return any(part.strip("s,") in words for part in title.casefold().split() if len(part) > 4)


def _money(text: str) -> Money:
    amount, currency = text.split()
    return Money.from_major(amount, currency)


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])
