"""X's stand-in refuses what X refuses, signs what X signs, and comes again like X."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from tweepy.asynchronous import AsyncClient  # type: ignore[import-untyped]  # it ships no types
from yarl import URL

from socialcare.sandbox.faults import Fault
from socialcare.sandbox.hand_clock import HandClock
from socialcare.sandbox.serving import LocalServer
from socialcare.sandbox.watching import Changes
from socialcare.sandbox.x import XStandIn
from socialcare.sandbox.x_delivery import Webhook
from socialcare.sandbox.x_rules import snowflake, weighed


class App:
    """A brand's webhook that proves itself and keeps what it gets."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()
        self.got: list[Any] = []
        self.refused: list[bytes] = []
        self.answers: list[int] = []
        self.proves = True
        self.changes = Changes()
        self.server = LocalServer([web.get("/x", self._crc), web.post("/x", self._take)])

    @property
    def url(self) -> str:
        return f"{self.server.url}/x"

    def sign(self, body: bytes) -> str:
        digest = hmac.new(self.secret, body, hashlib.sha256).digest()
        return "sha256=" + base64.b64encode(digest).decode()

    async def _crc(self, request: web.Request) -> web.Response:
        token = request.query["crc_token"] if self.proves else "another"
        return web.json_response({"response_token": self.sign(token.encode())})

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        status = self.answers.pop(0) if self.answers else 200
        if request.headers["x-twitter-webhooks-signature"] != self.sign(body):
            self.refused.append(body)
            status = 401
        elif status == 200:
            self.got.append(json.loads(body))
        self.changes.tell()
        return web.Response(status=status)

    def kinds(self) -> list[str]:
        return [body["data"]["event_type"] for body in self.got]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
async def x(clock: HandClock) -> AsyncIterator[XStandIn]:
    async with XStandIn(clock=clock) as stand_in:
        yield stand_in


@pytest.fixture
async def app(x: XStandIn) -> AsyncIterator[App]:
    app = App(x.keys.consumer_secret)
    await app.server.start()
    yield app
    await app.server.stop()


@pytest.fixture
async def client(x: XStandIn) -> AsyncIterator[Any]:
    """The real library, pointed here by aiohttp's own middleware."""

    async def rewrite(
        request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        here = URL(x.base_url)
        request.url = request.url.with_scheme("http").with_host("127.0.0.1").with_port(here.port)
        return await handler(request)

    client = AsyncClient(
        consumer_key=x.keys.consumer_key,
        consumer_secret=x.keys.consumer_secret,
        access_token=x.keys.access_token,
        access_token_secret=x.keys.access_token_secret,
        return_type=dict,
    )
    async with aiohttp.ClientSession(middlewares=(rewrite,)) as session:
        client.session = session
        yield client


async def subscribe(x: XStandIn, client: Any, app: App, *kinds: str) -> None:
    made = await client.request(
        "POST", "/2/webhooks", params={}, json={"url": app.url}, user_auth=True
    )
    webhook = (await made.json())["data"]["id"]
    for kind in kinds:
        body = {"event_type": kind, "filter": {"user_id": x.us.user_id}, "webhook_id": webhook}
        await client.request(
            "POST", "/2/activity/subscriptions", params={}, json=body, user_auth=True
        )


# --- who may call


async def test_the_real_library_is_understood(x: XStandIn, client: Any) -> None:
    me = await client.get_me(user_fields=["name", "username"])
    assert me["data"]["username"] == "northwind"
    ana = x.customer()
    post = await ana.posts("@northwind hi: (all) of you's & more?")
    await client.create_tweet(text="Hello “you” & all", in_reply_to_tweet_id=post.post_id)
    told = await client.get_users_mentions(x.us.user_id, user_auth=True, max_results=5)
    assert [one["id"] for one in told["data"]] == [post.post_id]
    await ana.writes_dm("hi")
    await client.create_direct_message(
        dm_conversation_id=f"{ana.user_id}-{x.us.user_id}", text="hello"
    )
    events = await client.get_direct_message_events(max_results=10)
    assert [one["text"] for one in events["data"]] == ["hello", "hi"]


@pytest.mark.parametrize("wrong", ["consumer_key", "consumer_secret", "access_token_secret"])
async def test_a_wrong_key_opens_nothing(x: XStandIn, client: Any, wrong: str) -> None:
    setattr(client, wrong, "another")
    with pytest.raises(Exception, match="401"):
        await client.get_me()


class SignedError(Exception):
    """Carries a signed call's headers away before it is made."""


class Pen:
    """What tweepy takes for a session: it signs, and that is all."""

    def request(self, *_call: object, headers: dict[str, str], **_more: object) -> None:
        raise SignedError(headers)


async def test_a_request_is_taken_once(x: XStandIn, client: Any) -> None:
    client.session = Pen()
    with pytest.raises(SignedError) as signed:
        await client.get_me()
    (headers,) = signed.value.args
    async with aiohttp.ClientSession() as session:
        answers = [await session.get(f"{x.base_url}/2/users/me", headers=headers) for _ in "ab"]
        other = await session.get(f"{x.base_url}/2/users/me?a=1", headers=headers)
        assert [one.status for one in (*answers, other)] == [200, 401, 401]
        told = await answers[1].json()
        assert told["title"] == "Unauthorized"
        stream = await session.get(f"{x.base_url}/2/activity/stream", headers=headers)
        assert stream.status == 401, "the stream is for the app alone"


# --- what is refused


@pytest.mark.parametrize(
    ("text", "weight"),
    [("hello", 5), ("日本", 4), ("👩‍👩‍👧 ok", 5), ("see https://northwind.example/a/b", 27)],
)
def test_weights(text: str, weight: int) -> None:
    assert weighed(text) == weight


async def test_nobody_is_written_to_first_or_unasked(x: XStandIn, client: Any) -> None:
    ana = x.customer()
    post = await ana.posts("northwind is slow")
    with pytest.raises(Exception, match="mentioned or otherwise engaged"):
        await client.create_tweet(text="Sorry!", in_reply_to_tweet_id=post.post_id)
    with pytest.raises(Exception, match="do not have permission"):
        await client.create_direct_message(
            dm_conversation_id=f"{ana.user_id}-{x.us.user_id}", text="hello"
        )


async def test_rates_are_kept_and_told(x: XStandIn, client: Any, clock: HandClock) -> None:
    for _ in range(15):
        await client.get_direct_message_events()
    with pytest.raises(Exception, match="429") as caught:
        await client.get_direct_message_events()
    reset = int(caught.value.response.headers["x-rate-limit-reset"])  # type: ignore[attr-defined]  # tweepy's
    assert reset == int(clock.now().timestamp()) + 900
    clock.advance(900)
    await client.get_direct_message_events()


async def test_pages_are_turned_and_names_are_known(x: XStandIn, client: Any) -> None:
    ana = x.customer()
    for number in range(12):
        await ana.posts(f"@northwind {number}")
    first = await client.get_users_mentions(x.us.user_id, user_auth=True, max_results=10)
    rest = await client.get_users_mentions(
        x.us.user_id,
        user_auth=True,
        max_results=10,
        pagination_token=first["meta"]["next_token"],
    )
    assert [len(page["data"]) for page in (first, rest)] == [10, 2]
    with pytest.raises(Exception, match="not one of"):
        await client.request(
            "GET", f"/2/users/{x.us.user_id}/mentions", params={"x": "1"}, user_auth=True
        )


def test_ids_grow_with_time(clock: HandClock) -> None:
    early = snowflake(clock.now(), 5)
    clock.advance(1)
    assert int(snowflake(clock.now(), 1)) > int(early)
    assert int(early) > 2**53


# --- what is told


async def test_a_webhook_has_to_prove_itself(x: XStandIn, client: Any, app: App) -> None:
    app.proves = False
    with pytest.raises(Exception, match="CRC"):
        await subscribe(x, client, app)
    app.proves = True
    await subscribe(x, client, app)
    with pytest.raises(Exception, match="already exists"):
        await subscribe(x, client, app)


async def test_a_post_is_told_as_often_as_it_concerns_us(
    x: XStandIn, client: Any, app: App
) -> None:
    await subscribe(x, client, app, "post.mention.create", "post.reply.create", "dm.received")
    ana = x.customer()
    first = await ana.posts("@northwind hi")
    await client.create_tweet(text="Hello", in_reply_to_tweet_id=first.post_id)
    second = await ana.posts("@northwind thanks", reply_to=ana.public[0])
    await ana.edits(second, "@northwind thank you")
    await ana.writes_dm("hi", media={"id_str": "5", "type": "photo"})
    await ana.writes_encrypted()
    await x.delivered()
    assert app.kinds() == [
        "post.mention.create",
        *("post.mention.create", "post.reply.create"),
        *("post.mention.create", "post.reply.create"),
        "dm.received",
    ]
    edited = app.got[3]["data"]["payload"]
    assert edited["edit_history_post_ids"] == [second.post_id, edited["id"]]
    assert app.got[0]["data"]["event_uuid"].startswith("-")


async def test_old_names_and_old_shapes(clock: HandClock) -> None:
    async with XStandIn(clock=clock, naming="tweet", old_shapes=True) as x:
        app = App(x.keys.consumer_secret)
        await app.server.start()
        x.subscriptions.kept["1"] = {"event_type": "dm.received", "webhook_id": "9"}
        x.subscriptions.kept["2"] = {"event_type": "post.mention.create", "webhook_id": "9"}
        x.deliveries.webhooks["9"] = Webhook(webhook_id="9", url=app.url)
        ana = x.customer()
        await ana.writes_dm("hi")
        await ana.posts("@northwind hi")
        await x.delivered()
        await app.server.stop()
    message, post = app.got
    assert message["for_user_id"] == x.us.user_id
    assert message["direct_message_events"][0]["type"] == "message_create"
    assert "edit_history_tweet_ids" in post["data"]["payload"]


@pytest.mark.parametrize("kind", ["duplicate", "bad_signature", "drop_retry", "reorder"])
async def test_deliveries_go_wrong_on_request(
    x: XStandIn, client: Any, app: App, kind: Any
) -> None:
    await subscribe(x, client, app, "dm.received")
    ana = x.customer()
    x.faults.next("webhook", Fault(kind=kind))
    if kind == "drop_retry":
        app.answers.append(500)
    await ana.writes_dm("one")
    await ana.writes_dm("two")
    await x.delivered()
    texts = [
        body["data"]["payload"]["direct_message_events"][0]["message_create"]["message_data"][
            "text"
        ]
        for body in app.got
    ]
    expected = {
        "duplicate": ["one", "one", "two"],
        "bad_signature": ["one", "two"],
        "drop_retry": ["two"],
        "reorder": ["two", "one"],
    }
    assert texts == expected[kind]
    assert len(app.refused) == (kind == "bad_signature")


async def test_it_comes_again_until_it_is_taken(
    x: XStandIn, client: Any, app: App, clock: HandClock
) -> None:
    await subscribe(x, client, app, "dm.received")
    app.answers += [500, 503]
    await x.customer().writes_dm("one")
    assert [await clock.skip() for _ in "ab"] == [1, 2]
    await x.delivered()
    assert app.kinds() == ["dm.received"]
    assert [one.status for one in x.deliveries.tries] == [500, 503, 200]


async def test_customers_keep_to_the_apps_limits(x: XStandIn) -> None:
    ana = x.customer()
    with pytest.raises(ValueError, match="280"):
        await ana.posts("日" * 141)
    with pytest.raises(ValueError, match="10,000"):
        await ana.writes_dm("x" * 10_001)
