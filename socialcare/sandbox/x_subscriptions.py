"""What an app is told of by X, and where: webhooks and subscriptions of the Activity API.

https://docs.x.com/x-api/activity/introduction and https://docs.x.com/x-api/webhooks/introduction
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from aiohttp import web

from socialcare.sandbox.x_delivery import Deliveries, Webhook
from socialcare.sandbox.x_rules import Json, XRefusalError, checked_url, invalid

SUBSCRIPTIONS_MAX: Final = 1_500


class Subscriptions:
    """One app's."""

    def __init__(self, *, deliveries: Deliveries, made: Callable[[], tuple[str, datetime]]) -> None:
        self.kept: dict[str, Json] = {}
        self.deliveries = deliveries
        self._made = made

    def tell(self, kind: str, body: Json) -> None:
        """Tell whoever wants to know of this kind."""
        for subscription in self.kept.values():
            if subscription["event_type"] == kind:
                self.deliveries.tell(body, webhook_id=subscription.get("webhook_id"))

    async def webhooks(self, _request: web.Request) -> Json:
        """List the webhooks."""
        told = [webhook.told for webhook in self.deliveries.webhooks.values()]
        return {"data": told, "meta": {"result_count": len(told)}} if told else {"meta": {}}

    async def make_webhook(self, request: web.Request) -> Json:
        """Make a webhook, once it proved to be the app's."""
        url = checked_url((await request.json()).get("url"))
        if any(webhook.url == url for webhook in self.deliveries.webhooks.values()):
            raise XRefusalError(400, "DuplicateUrlFailed", "Url already exists")
        await self.deliveries.challenge(url)
        webhook_id, _ = self._made()
        self.deliveries.webhooks[webhook_id] = Webhook(webhook_id=webhook_id, url=url)
        return {"data": self.deliveries.webhooks[webhook_id].told}

    async def check_webhook(self, request: web.Request) -> Json:
        """Ask a webhook for its proof again."""
        webhook = self.deliveries.webhooks.get(request.match_info["id"])
        if webhook is None:
            raise XRefusalError(404, "Not Found Error", "no such webhook")
        await self.deliveries.challenge(webhook.url)
        webhook.valid = True
        return {"data": {"valid": True}}

    async def subscribed(self, _request: web.Request) -> Json:
        """List the subscriptions."""
        return {"data": list(self.kept.values())} if self.kept else {}

    async def subscribe(self, request: web.Request) -> Json:
        """Begin to tell of a kind of event."""
        body = await request.json()
        if unknown := set(body) - {"event_type", "filter", "tag", "webhook_id"}:
            raise invalid(f"$.{min(unknown)}: is not defined in the schema")
        wanted = {key: body[key] for key in ("event_type", "filter")}
        same = [one for one in self.kept.values() if wanted.items() <= one.items()]
        if same or len(self.kept) >= SUBSCRIPTIONS_MAX:
            raise invalid("subscription already exists, or there are too many")
        self._of_ours(body.get("webhook_id"))
        subscription_id, _ = self._made()
        self.kept[subscription_id] = body | {"subscription_id": subscription_id}
        return {"data": {"subscription": self.kept[subscription_id]}}

    async def resubscribe(self, request: web.Request) -> Json:
        """Tell of it elsewhere."""
        told = self.kept.get(request.match_info["id"])
        if told is None:
            raise XRefusalError(404, "Not Found Error", "no such subscription")
        body = await request.json()
        self._of_ours(body.get("webhook_id"))
        told |= body
        return {"data": {"subscription": told}}

    def _of_ours(self, webhook_id: object) -> None:
        if webhook_id is not None and webhook_id not in self.deliveries.webhooks:
            raise invalid("webhook_id: no such webhook")

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Serve the stream."""
        backfill = request.query.get("backfill_minutes", "0") != "0"
        return await self.deliveries.stream(request, backfill=backfill)
