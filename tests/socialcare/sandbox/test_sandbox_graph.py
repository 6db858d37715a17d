"""The Graph API's stand-in: what it refuses, what it sends, how it signs."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.graph import GraphStandIn
from socialcare.sandbox.graph_delivery import SIGNATURE
from socialcare.sandbox.graph_rules import Place
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.serving import LocalServer
from socialcare.sandbox.watching import Changes

HI: dict[str, Any] = {"messaging_type": "RESPONSE", "message": {"text": "hi"}}


class App:
    """An app's callback: answers the handshake, keeps what comes."""

    def __init__(self, verify_token: str) -> None:
        self.verify_token = verify_token
        self.got: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []
        self.changes = Changes()
        self.server = LocalServer([web.get("/hook", self._ask), web.post("/hook", self._take)])

    async def _ask(self, request: web.Request) -> web.Response:
        if request.query["hub.verify_token"] != self.verify_token:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def _take(self, request: web.Request) -> web.Response:
        self.got.append((await request.read(), request.headers[SIGNATURE]))
        self.changes.tell()
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    def events(self) -> list[dict[str, Any]]:
        """Every event that came, of all bodies and entries."""
        return [
            event
            for body, _ in self.got
            for entry in json.loads(body)["entry"]
            for sort in ("messaging", "standby", "changes")
            for event in entry.get(sort, ())
        ]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def graph(clock: HandClock) -> AsyncIterator[GraphStandIn]:
    async with GraphStandIn(clock=clock) as graph:
        yield graph


@pytest.fixture
async def app(graph: GraphStandIn) -> AsyncIterator[App]:
    app = App(graph.verify_token)
    await app.server.start()
    graph.connect(page=f"{app.server.url}/hook", instagram=f"{app.server.url}/hook")
    assert (await call(graph, f"{graph.page_id}/subscribed_apps"))["success"] is True
    assert (await call(graph, "me/subscribed_apps"))["success"] is True
    yield app
    await app.server.stop()


async def call(
    graph: GraphStandIn,
    path: str,
    params: dict[str, Any] | None = None,
    *,
    method: str = "POST",
    version: str = "v26.0",
    token: str | None = None,
) -> dict[str, Any]:
    bearer = graph.page_token if token is None else token
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {bearer}"}) as session,
        session.request(method, f"{graph.base_url}/{version}/{path}", json=params) as response,
    ):
        answer: dict[str, Any] = await response.json()
        return answer


def code(answer: dict[str, Any]) -> tuple[int, int | None]:
    return answer["error"]["code"], answer["error"].get("error_subcode")


# --- what it refuses


async def test_who_may_call(graph: GraphStandIn) -> None:
    assert (await call(graph, "me", method="GET"))["id"] == graph.page_id
    assert code(await call(graph, "me", method="GET", version="v2.6"))[0] == 2635
    assert code(await call(graph, "me", method="GET", token=""))[0] == 104
    assert code(await call(graph, "me", method="GET", token="another")) == (190, 460)  # noqa: S106  # nobody's
    graph.token_works = False
    assert code(await call(graph, "me", method="GET")) == (190, 460)


@pytest.mark.parametrize(
    ("place", "change", "refused"),
    [
        ("page", {"messaging_type": None}, (100, None)),
        ("page", {"messaging_type": "MESSAGE_TAG"}, (100, None)),
        ("page", {"tag": "HUMAN_AGENT"}, (100, None)),
        ("page", {"messaging_type": "MESSAGE_TAG", "tag": "POST_PURCHASE_UPDATE"}, (100, None)),
        ("page", {"message": None}, (100, None)),
        ("page", {"message": {"text": " "}}, (100, None)),
        ("page", {"message": {"text": "x" * 2_001}}, (100, None)),
        ("instagram", {"message": {"text": "ä" * 501}}, (100, None)),
        ("page", {"message": {"text": "x", "quick_replies": []}}, (100, None)),
        ("page", {"message": {"text": "x", "quick_replies": [{"title": "a"}]}}, (100, None)),
        ("page", {"recipient": None}, (100, None)),
        ("page", {"recipient": {"id": "77"}}, (100, 2018001)),
        ("page", {"recipient": {"comment_id": "77"}}, (100, 33)),
        ("page", {"sender_action": "wave"}, (100, None)),
    ],
)
async def test_what_may_be_said(
    graph: GraphStandIn, place: Place, change: dict[str, Any], refused: tuple[int, int | None]
) -> None:
    ana = graph.customer(place=place)
    await ana.write("hello")
    params = {"recipient": {"id": ana.user_id}} | HI | change
    assert code(await call(graph, "me/messages", params)) == refused
    assert not ana.chat


@pytest.mark.parametrize(("place", "subcode"), [("page", 2018278), ("instagram", 2534022)])
async def test_nobody_is_written_to_first_or_late(
    graph: GraphStandIn, clock: HandClock, place: Place, subcode: int
) -> None:
    ana = graph.customer(place=place)
    params = {"recipient": {"id": ana.user_id}} | HI
    assert code(await call(graph, "me/messages", params)) == (10, subcode)
    await ana.write("hello")
    assert "message_id" in await call(graph, "me/messages", params)
    clock.advance(24 * 3_600.0 + 1)
    assert code(await call(graph, "me/messages", params)) == (10, subcode)


async def test_a_page_says_so_much_a_second(graph: GraphStandIn) -> None:
    ana = graph.customer()
    await ana.write("hello")
    params = {"recipient": {"id": ana.user_id}} | HI
    for _ in range(300):
        assert "error" not in await call(graph, "me/messages", params)
    assert code(await call(graph, "me/messages", params))[0] == 613


async def test_a_private_reply_opens_no_window(graph: GraphStandIn) -> None:
    ana = graph.customer()
    comment = await ana.comment("hello?")
    private = {"recipient": {"comment_id": comment.comment_id}} | HI
    assert "message_id" in await call(graph, "me/messages", private)
    assert code(await call(graph, "me/messages", private))[0] == 10900
    params = {"recipient": {"id": ana.user_id}} | HI
    assert code(await call(graph, "me/messages", params)) == (10, 2018278)
    await ana.write("thanks")
    assert "message_id" in await call(graph, "me/messages", params)


# --- what it sends


async def test_bodies_are_signed_as_they_are_written(graph: GraphStandIn, app: App) -> None:
    ana = graph.customer(name="Änne")
    await ana.write("größer/kleiner 👍")
    await graph.delivered()
    ((body, signature),) = app.got
    assert rb"gr\u00f6\u00dfer\/kleiner \ud83d\udc4d" in body
    mac = hmac.new(graph.app_secret.encode(), body, hashlib.sha256).hexdigest()
    assert signature == f"sha256={mac}"


async def test_everything_said_is_echoed_with_its_app(graph: GraphStandIn, app: App) -> None:
    ana, bea = graph.customer(), graph.customer(place="instagram")
    for who in (ana, bea):
        await who.write("hello")
        await call(graph, "me/messages", {"recipient": {"id": who.user_id}} | HI)
        await who.answered_in_app("Ben here")
    await graph.delivered()
    echoes = [
        (event["recipient"]["id"], str(event["message"].get("app_id")), event["message"]["text"])
        for event in app.events()
        if event.get("message", {}).get("is_echo")
    ]
    assert sorted(echoes) == sorted(
        [
            (ana.user_id, graph.app_id, "hi"),
            (ana.user_id, graph.inbox_app_id, "Ben here"),
            (bea.user_id, graph.app_id, "hi"),
            (bea.user_id, "None", "Ben here"),
        ]
    )
    delivered = [event["delivery"]["mids"] for event in app.events() if "delivery" in event]
    assert delivered == [[one.message_id] for one in ana.chat]


async def test_a_thread_of_another_app_comes_on_standby(graph: GraphStandIn, app: App) -> None:
    ana = graph.customer()
    await ana.taken_over()
    await ana.write("hello")
    await graph.delivered()
    entries = [json.loads(body)["entry"][0] for body, _ in app.got]
    assert [sorted(entry) for entry in entries] == [
        ["id", "messaging", "time"],
        ["id", "standby", "time"],
    ]


async def test_what_happens_together_comes_together(graph: GraphStandIn, app: App) -> None:
    ana, bea = graph.customer(), graph.customer(name="Bea")
    async with graph.deliveries.gathered():
        await ana.write("one")
        await bea.comment("two")
    await graph.delivered()
    ((body, _),) = app.got
    assert len(json.loads(body)["entry"]) == 2


async def test_every_deed_of_a_customer_is_told(graph: GraphStandIn, app: App) -> None:
    ana = graph.customer(place="instagram")
    first = await ana.write("hello", reply_to="m_0")
    await call(
        graph,
        "me/messages",
        {
            "recipient": {"id": ana.user_id},
            "messaging_type": "RESPONSE",
            "message": {
                "text": "well?",
                "quick_replies": [{"content_type": "text", "title": "Yes", "payload": "yes"}],
            },
        },
    )
    seen = await ana.sees("well?")
    await ana.press("Yes")
    with pytest.raises(LookupError):
        await ana.press("No")
    await ana.press_menu("Talk to a person", "HUMAN")
    await ana.edit(first, "hello there")
    await ana.unsend(first)
    await ana.react(seen.message_id)
    await ana.read()
    await ana.photo()
    await ana.answer_story("nice")
    await ana.mention_in_story()
    await ana.send({"is_unsupported": True})
    comment = await ana.comment("hi")
    await ana.edit_comment(comment, "hi there")  # Instagram tells of neither
    await ana.delete_comment(comment)
    await graph.delivered()
    keys = [min(event.keys() - {"sender", "recipient", "timestamp"}) for event in app.events()]
    assert keys == ["message"] * 3 + [
        "postback", "message_edit", "message", "reaction", "read",
        "message", "message", "message", "message", "field",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no such text"):
        await ana.write("ä" * 501)


async def test_comments_and_their_answers_are_told(graph: GraphStandIn, app: App) -> None:
    ana = graph.customer()
    comment = await ana.comment("hello?")
    answer = await call(graph, f"{comment.comment_id}/comments", {"message": "hi"})
    await ana.edit_comment(comment, "hello??")
    await ana.comment("under it", under=comment)
    await ana.delete_comment(comment)
    assert code(await call(graph, f"{comment.comment_id}/comments", {"message": "hi"})) == (100, 33)
    await graph.delivered()
    told = [(event["value"]["verb"], event["value"]["comment_id"]) for event in app.events()]
    assert told[:2] == [("add", comment.comment_id), ("add", answer["id"])]
    assert [verb for verb, _ in told] == ["add", "add", "edited", "add", "remove"]
    assert code(await call(graph, f"{comment.comment_id}/likes")) == (100, 33)


async def test_where_a_comment_stands_decides_how_it_is_answered(graph: GraphStandIn) -> None:
    ana = graph.customer(place="instagram")
    comment = await ana.comment("hello?")
    path = f"{comment.comment_id}/comments"
    assert code(await call(graph, path, {"message": "hi"})) == (100, 33)
    path = f"{comment.comment_id}/replies"
    assert code(await call(graph, path, {"message": "x" * 301}))[0] == 100
    assert code(await call(graph, path, {"message": ""}))[0] == 100
    assert "id" in await call(graph, path, {"message": "hi"})


# --- deliveries that go wrong


async def test_it_comes_again_until_it_is_taken(
    graph: GraphStandIn, app: App, clock: HandClock
) -> None:
    app.statuses += [503, 500]
    ana = graph.customer()
    await ana.write("hello")
    assert await clock.skip() == 1.0
    assert await clock.skip() == 2.0
    await graph.delivered()
    assert [answer.status for answer in graph.deliveries.tries] == [503, 500, 200]
    assert len({body for body, _ in app.got}) == 1


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("duplicate", ["one", "one", "two"]),
        ("reorder", ["two", "one"]),
        ("drop_retry", ["one", "two"]),
    ],
)
async def test_faults_of_deliveries(
    graph: GraphStandIn, app: App, kind: Any, wanted: list[str]
) -> None:
    graph.faults.next("webhook", Fault(kind=kind))
    ana = graph.customer()
    if kind == "drop_retry":
        app.statuses.append(503)
    await ana.write("one")
    await ana.write("two")
    await graph.delivered()
    assert [event["message"]["text"] for event in app.events()] == wanted


async def test_a_bad_signature(graph: GraphStandIn, app: App, clock: HandClock) -> None:
    app.statuses.append(401)
    graph.faults.next("webhook", Fault(kind="bad_signature"))
    await graph.customer().write("hello")
    await clock.skip()
    await graph.delivered()
    (_, bad), (body, good) = app.got
    assert bad != good == graph.deliveries.signed(body)


async def test_without_the_handshake_nothing_is_sent(graph: GraphStandIn) -> None:
    app = App("another word")
    await app.server.start()
    graph.connect(page=f"{app.server.url}/hook")
    assert code(await call(graph, f"{graph.page_id}/subscribed_apps"))[0] == 2200
    await graph.customer().write("hello")
    assert graph.deliveries.count() == 1
    assert not app.got
    await app.server.stop()
    assert code(await call(graph, f"{graph.page_id}/subscribed_apps"))[0] == 2200
    assert code(await call(graph, "77/subscribed_apps")) == (100, 33)
