"""The Graph API's stand-in: `async with GraphStandIn(clock=clock) as graph: graph.base_url`.

One app with one page and the Instagram account linked to it. Calls that the live API would refuse
are refused in its words; customers made by `customer()` write, comment and see what is said to
them; everything said in the account's name is echoed, with the id of the app that said it.
`faults.next("messages", Fault(...))` spoils a call (`messages`, `comments`, `replies`,
`subscribed_apps`, `node`), `faults.next("webhook", Fault(...))` a delivery (`duplicate`, `reorder`,
`drop_retry`, `bad_signature`, `slow`).
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from aiohttp import web

from conversation.clock import Clock
from socialcare.sandbox.faults import FaultPlan, answered
from socialcare.sandbox.graph_delivery import Answer, GraphDeliveries
from socialcare.sandbox.graph_people import (
    INSTAGRAM_NAME,
    Comment,
    GraphCustomer,
    SeenMessage,
)
from socialcare.sandbox.graph_profiles import read_profile
from socialcare.sandbox.graph_rules import (
    BOT_WINDOW,
    HUMAN_WINDOW,
    PRIVATE_RATE,
    PRIVATE_REPLY_WINDOW,
    PROFILE_RATE,
    SEND_RATE,
    SENDER_ACTIONS,
    VERSION,
    GraphRefusalError,
    Place,
    bad_parameter,
    no_such_object,
    read_comment,
    read_words,
    refused,
    spoiled,
    window_closed,
)
from socialcare.sandbox.graph_words import change_of
from socialcare.sandbox.rates import Rates
from socialcare.sandbox.serving import LocalServer, StandIn
from socialcare.sandbox.watching import Changes

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphCall:
    """One call of the app, and what it was told."""

    node: str
    edge: str
    """`messages`, `comments` …; empty for the node itself."""
    params: Json
    status: int
    at: datetime


class GraphStandIn(StandIn[GraphDeliveries]):
    """One app, its page and Instagram account, and their customers."""

    def __init__(self, *, clock: Clock, enforce_rates: bool = True, port: int = 0) -> None:
        self.app_id = "410000000000001"
        self.inbox_app_id = "263902037430900"
        """Of Meta's own inbox, where colleagues may answer."""
        self.app_secret = "stand-in-app-secret"  # noqa: S105 - opens nothing but this stand-in
        self.verify_token = "stand-in-verify-token"  # noqa: S105 - opens nothing but this stand-in
        self.page_token = "EAA-stand-in"  # noqa: S105 - opens nothing but this stand-in
        self.page_id = "100000000000042"
        self.instagram_id = "17841400000000042"
        self.token_works = True
        """False: revoked, every call answers so."""
        self.human_agent = True
        """Whether Meta has granted the app the HUMAN_AGENT feature."""
        self.echoes_name_apps = True
        """False: Instagram's echoes name no app, as happens live."""
        self.enforce_rates = enforce_rates
        self.faults = FaultPlan()
        self.changes = Changes()
        self.calls: deque[GraphCall] = deque(maxlen=10_000)
        self.comments: dict[str, Comment] = {}
        self.customers: dict[str, GraphCustomer] = {}
        self.deliveries = GraphDeliveries(
            clock=clock, faults=self.faults, changes=self.changes, secret=self.app_secret
        )
        self._clock = clock
        self._rates = Rates(clock)
        self._numbers = count(1)
        routes = [
            web.route(method, path, self._call)
            for method in ("GET", "POST")
            for path in ("/{version}/{node}", "/{version}/{node}/{edge}")
        ]
        self._server = LocalServer(routes, port=port)

    def connect(self, *, page: str | None = None, instagram: str | None = None) -> None:
        """Name the app's callbacks, as its dashboard does."""
        if page is not None:
            self.deliveries.connect("page", page)
        if instagram is not None:
            self.deliveries.connect("instagram", instagram)

    def customer(self, *, place: Place = "page", name: str = "Ana") -> GraphCustomer:
        """Give somebody an account; nothing can be written to them before they write."""
        number = 5_000_000_000_000_000 + next(self._numbers)
        made = GraphCustomer(world=self, place=place, name=name, user_id=str(number))
        self.customers[made.user_id] = made
        return made

    async def post_raw(
        self, place: Place, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send any bytes to a callback, rightly signed unless headers are given."""
        return await self.deliveries.post(place, body, headers)

    async def delivered(self, *, timeout: float = 10.0) -> None:  # noqa: ASYNC109 - the watcher's patience
        """Wait until no event is on its way to the app."""
        await self.changes.until(
            lambda: self.deliveries.count() == 0 or None,
            patience_s=timeout,
            expected=lambda: f"{self.deliveries.count()} events still wait for the app",
        )

    # --- what customers need

    def now(self) -> datetime:
        """Say the time."""
        return self._clock.now()

    def new_id(self, sort: str) -> str:
        """Give an id nobody has, in the shape of its sort."""
        number = next(self._numbers)
        match sort:
            case "mid":
                return f"m_{number:012d}-stand-in_AbC"
            case "comment":
                return f"77_{900_000_000 + number}"
            case _:
                return str(17_900_000_000_000_000 + number)

    def account_id(self, place: Place) -> str:
        """Give the page's or the Instagram account's id."""
        return self.page_id if place == "page" else self.instagram_id

    def tell_thread(self, customer: GraphCustomer, event: Json) -> None:
        """Queue an event of a private thread, the customer's unless it names its sides."""
        account = self.account_id(customer.place)
        stamp = int(self.now().timestamp() * 1_000)
        sides = {"sender": {"id": customer.user_id}, "recipient": {"id": account}}
        listed = "standby" if customer.thread.elsewhere else "messaging"
        whole = sides | {"timestamp": stamp} | event
        self.deliveries.add(customer.place, {"id": account, "time": stamp, listed: [whole]})

    def tell_comment(self, place: Place, comment: Comment, verb: str) -> None:
        """Queue an event of a comment or a post; Instagram tells of new comments only."""
        change = change_of(place, comment, verb)
        if change is not None:
            seconds = int(comment.at.timestamp())
            entry = {"id": self.account_id(place), "time": seconds, "changes": [change]}
            self.deliveries.add(place, entry)

    def say(
        self, customer: GraphCustomer, text: str, *, app_id: str | None, **more: Any
    ) -> SeenMessage:
        """Put a message of the account into the customer's thread, and echo it to the app."""
        seen = SeenMessage(
            message_id=self.new_id("mid"),
            text=text,
            choices=more.get("choices", ()),
            at=self.now(),
            tag=more.get("tag"),
            comment_id=more.get("comment_id"),
            by_app=app_id == self.app_id,
        )
        customer.thread.seen.append(seen)
        account = self.account_id(customer.place)
        echo: Json = {"mid": seen.message_id, "text": text, "is_echo": True}
        if app_id is not None and (self.echoes_name_apps or customer.place == "page"):
            echo["app_id"] = int(app_id)
        sides = {"sender": {"id": account}, "recipient": {"id": customer.user_id}}
        self.tell_thread(customer, sides | {"message": echo})
        if customer.place == "page":
            mark = int(self.now().timestamp() * 1_000)
            delivery = {"mids": [seen.message_id], "watermark": mark}
            self.tell_thread(customer, {"delivery": delivery})
        self.changes.tell()
        return seen

    # --- the API

    async def _call(self, request: web.Request) -> web.Response:
        node, edge = request.match_info["node"], request.match_info.get("edge", "")
        params = await _read_params(request)

        async def effect() -> web.Response:
            try:
                self._authorised(request)
                result = await self._called(request.method, node, edge, params)
            except GraphRefusalError as refusal:
                self._note(node, edge, params, refusal.status)
                return refused(refusal)
            self._note(node, edge, params, 200)
            return web.json_response(result)

        return await answered(
            request,
            fault=self.faults.take(edge or "node"),
            plan=self.faults,
            clock=self._clock,
            effect=effect,
            refusal=spoiled,
        )

    def _note(self, node: str, edge: str, params: Json, status: int) -> None:
        self.calls.append(
            GraphCall(node=node, edge=edge, params=params, status=status, at=self.now())
        )
        self.changes.tell()

    def _authorised(self, request: web.Request) -> None:
        if VERSION.fullmatch(request.match_info["version"]) is None:
            raise GraphRefusalError(2635, "You are calling a deprecated version of the API.")
        _, _, bearer = request.headers.get("Authorization", "").partition(" ")
        token = request.query.get("access_token", bearer)
        if not token:
            raise GraphRefusalError(104, "An access token is required.", status=401)
        if token != self.page_token or not self.token_works:
            message = "Error validating access token: The session has been invalidated."
            raise GraphRefusalError(190, message, subcode=460, status=401)

    async def _called(self, method: str, node: str, edge: str, params: Json) -> Json:
        match method, edge:
            case "GET", "" if node in self.customers:
                if self.enforce_rates and self._rates.spend(("profile",), PROFILE_RATE):
                    raise GraphRefusalError(613, "Calls to this api have exceeded the rate limit.")
                return read_profile(self.customers[node], str(params.get("fields", "")))
            case "GET", "":
                if node not in {"me", self.page_id, self.instagram_id}:
                    raise no_such_object(node)
                named = "username" in str(params.get("fields")) and node == self.instagram_id
                known = {"id": self.page_id if node == "me" else node}
                return known | ({"username": INSTAGRAM_NAME} if named else {})
            case "POST", "messages":
                return self._messages(node, params)
            case "POST", ("comments" | "replies"):
                return self._comment(node, edge, params)
            case "POST", "subscribed_apps":
                return await self._subscribe(node)
            case _:
                raise no_such_object(f"{node}/{edge}")

    async def _subscribe(self, node: str) -> Json:
        if node not in {"me", self.page_id, self.instagram_id}:
            raise no_such_object(node)
        # The page's subscription carries the linked Instagram account too.
        place: Place = "page" if node == self.page_id else "instagram"
        if not await self.deliveries.verify(place, self.verify_token):
            raise GraphRefusalError(2200, "Callback verification failed")
        return {"success": True}

    def _messages(self, node: str, params: Json) -> Json:
        if node not in {"me", self.page_id}:
            raise no_such_object(node)
        recipient = params.get("recipient")
        if not isinstance(recipient, dict) or len(recipient) != 1:
            raise bad_parameter("The parameter recipient is required")
        for kind in ("comment_id", "post_id"):
            if kind in recipient:
                return self._private_reply(kind, str(recipient[kind]), params)
        customer = self.customers.get(str(recipient.get("id")))
        if customer is None:
            raise bad_parameter("No matching user found", subcode=2018001)
        if "sender_action" in params:
            if params["sender_action"] not in SENDER_ACTIONS or "message" in params:
                raise bad_parameter("Invalid sender_action")
            customer.thread.actions.append(str(params["sender_action"]))
            return {"recipient_id": customer.user_id}
        words = read_words(params, place=customer.place)
        self._within_rate(customer.place)
        self._within_window(customer, words.tag)
        if customer.thread.blocked:
            raise GraphRefusalError(551, "This person isn't available right now.", subcode=1545041)
        seen = self.say(
            customer, words.text, app_id=self.app_id, choices=words.choices, tag=words.tag
        )
        return {"recipient_id": customer.user_id, "message_id": seen.message_id}

    def _within_rate(self, place: Place) -> None:
        if self.enforce_rates and self._rates.spend((place,), SEND_RATE):
            raise GraphRefusalError(613, "Calls to this api have exceeded the rate limit.")

    def _within_window(self, customer: GraphCustomer, tag: str | None) -> None:
        if tag is not None and not self.human_agent:
            raise GraphRefusalError(10, "This app has no access to HUMAN_AGENT.", subcode=2018276)
        heard = customer.thread.last_customer_at
        window = BOT_WINDOW if tag is None else HUMAN_WINDOW
        if heard is None or self.now() - heard > window:
            raise window_closed(customer.place)

    def _private_reply(self, kind: str, comment_id: str, params: Json) -> Json:
        comment = self.comments.get(comment_id)
        if comment is None or comment.deleted or comment.by_account:
            raise no_such_object(comment_id)
        if comment.is_post != (kind == "post_id"):
            raise no_such_object(comment_id)
        customer = next(
            one for one in self.customers.values() if one.commenter_id == comment.author_id
        )
        words = read_words(params, place=customer.place)
        if comment.privately_answered:
            raise GraphRefusalError(10900, "Activity already replied to")
        if self.now() - comment.at > PRIVATE_REPLY_WINDOW:
            raise GraphRefusalError(10903, "This user cannot reply to this activity")
        if self.enforce_rates and self._rates.spend(("private", customer.place), PRIVATE_RATE):
            raise GraphRefusalError(613, "Calls to this api have exceeded the rate limit.")
        comment.privately_answered = True
        seen = self.say(customer, words.text, app_id=self.app_id, comment_id=comment_id)
        return {"recipient_id": customer.user_id, "message_id": seen.message_id}

    def _comment(self, node: str, edge: str, params: Json) -> Json:
        parent = self.comments.get(node)
        if parent is None or parent.deleted:
            raise no_such_object(node)
        place: Place = "page" if edge == "comments" else "instagram"
        author = self.customers_by_commenter().get(parent.author_id)
        if author is not None and author.place != place:
            raise no_such_object(f"{node}/{edge}")
        written = Comment(
            comment_id=self.new_id("comment" if place == "page" else "ig_comment"),
            post_id=parent.post_id,
            text=read_comment(params, place=place),
            at=self.now(),
            author_id=self.account_id(place),
            author_name="Northwind",
            parent_id=parent.comment_id,
            by_account=True,
        )
        self.comments[written.comment_id] = written
        self.tell_comment(place, written, "add")
        return {"id": written.comment_id}

    def customers_by_commenter(self) -> dict[str, GraphCustomer]:
        """Give everybody by the id they have under posts."""
        return {one.commenter_id: one for one in self.customers.values()}


async def _read_params(request: web.Request) -> Json:
    """Take the parameters from the query and a JSON body."""
    params: Json = {key: value for key, value in request.query.items() if key != "access_token"}
    if request.can_read_body and request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = None
        params |= body if isinstance(body, dict) else {}
    return params
