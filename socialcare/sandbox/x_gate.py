"""Who may call X: the account by its OAuth 1 signature, the app by its bearer token."""

import base64
from urllib.parse import quote

from aiohttp import web

from socialcare.sandbox.x_rules import (
    UNAUTHORIZED,
    Json,
    Keys,
    XRefusalError,
    check_oauth1,
    invalid,
)


class Gate:
    """The keys of one app and one account."""

    def __init__(self, user_id: str) -> None:
        # They open nothing but this stand-in.
        self.keys = Keys(
            consumer_key="stand-in-key",
            consumer_secret="stand-in-secret",  # noqa: S106 - see above
            access_token=f"{user_id}-stand-in",
            access_token_secret="stand-in-token-secret",  # noqa: S106 - see above
        )
        self.revoked = False
        self._nonces: set[str] = set()
        self._bearers: set[str] = set()

    def check(self, name: str, request: web.Request) -> None:
        """Verify who calls; raises `XRefusalError`."""
        if name == "token":
            return
        header = request.headers.get("Authorization", "")
        by_app = header.removeprefix("Bearer ") in self._bearers
        app_only = name == "stream" or (name == "webhooks" and request.method == "GET")
        if self.revoked or (app_only and not by_app):
            raise XRefusalError(*UNAUTHORIZED)
        if not by_app:
            check_oauth1(
                request.method,
                request.path,
                request.url.raw_query_string,
                header,
                self.keys,
                seen=self._nonces,
            )

    async def token(self, request: web.Request) -> Json:
        """Serve `POST /oauth2/token`: https://docs.x.com/fundamentals/authentication."""
        form = await request.post()
        pair = f"{quote(self.keys.consumer_key)}:{quote(self.keys.consumer_secret)}"
        basic = f"Basic {base64.b64encode(pair.encode()).decode()}"
        if request.headers.get("Authorization") != basic:
            raise XRefusalError(403, "Forbidden", "Unable to verify your credentials")
        if form.get("grant_type") != "client_credentials":
            raise invalid("Missing or invalid grant_type parameter")
        self._bearers.add("stand-in-bearer")
        return {"token_type": "bearer", "access_token": "stand-in-bearer"}
