"""A team's queue over HTTP: its alerts, what is news of them, and what is done to them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from service.client.answers import Alert, OutOfDateError, RefusedError
from service.client.asking import ask
from service.client.seen import Seen, SeenHere

_PAGE = "200"
# How long the service holds an answer back for news. News of what is beyond the first page wake nobody.
_WAIT, _WAIT_BEHIND = 25, 5
_READ_SECONDS = _WAIT + 15.0


class HttpQueue:
    """Asks with `token`, an API key or the operator's; `by` is who the team reads that it was.

    `client` is for another transport or other certificates; its base URL and headers are set here.
    """

    def __init__(
        self,
        url: str,
        team: str,
        *,
        token: str | None = None,
        by: str = "api",
        seen: Seen | None = None,
        client: httpx.AsyncClient | None = None,
        tries: int = 8,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.team = team
        self._by = by
        self._seen = seen or SeenHere()
        self._tries = tries
        self._pause = pause
        self._client = client or httpx.AsyncClient()
        self._client.base_url = httpx.URL(url)
        self._client.timeout = httpx.Timeout(10.0, read=_READ_SECONDS)
        if token is not None:
            self._client.headers["Authorization"] = f"Bearer {token}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, where: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def alerts(self, **filters: str | Collection[str]) -> AsyncGenerator[Alert]:
        """Give the queue as it stands, the worst first. Filters are those of the API: `state`, `severity` and so on."""
        cursor: str | None = None
        while True:
            page = (await self._page(filters, cursor)).json()
            for alert in page["alerts"]:
                yield Alert.model_validate(alert)
            cursor = page["next"]
            if cursor is None:
                return

    async def news(self, **filters: str | Collection[str]) -> AsyncGenerator[Alert]:
        """Give each open alert when its team has been told of it, and again after each further notice, for ever.

        Raises:
            RefusedError: there is no such team, or it is not yours.
            OutOfReachError: the service can not be reached.
        """
        wanted = {"state": "open", **filters}
        tag: str | None = None
        wait = 0
        while True:
            first = await self._page(wanted, None, wait, tag)
            if first.status_code != HTTPStatus.NOT_MODIFIED:
                tag = first.headers["etag"]
                wait = _WAIT if first.json()["next"] is None else _WAIT_BEHIND
            if first.status_code != HTTPStatus.NOT_MODIFIED or wait == _WAIT_BEHIND:
                async for alert in self.alerts(**wanted):
                    if self._seen.is_news(alert.alert_id, alert.revision):
                        yield alert
                        self._seen.keep(alert.alert_id, alert.revision)

    async def alert(self, alert_id: str) -> Alert:
        return Alert.model_validate((await self._ask("GET", f"/v1/alerts/{alert_id}")).json())

    async def claim(self, alert: Alert, *, force: bool = False, key: str | None = None) -> Alert:
        """Say that you work on an alert, for the time of a lease; with `force` also where somebody else does."""
        return await self.act(alert, "claim", {"force": force or None}, key=key)

    async def unclaim(self, alert: Alert, *, key: str | None = None) -> Alert:
        return await self.act(alert, "unclaim", key=key)

    async def snooze(self, alert: Alert, until: datetime, *, key: str | None = None) -> Alert:
        """Put an alert aside until an aware moment: nothing but critical news is told of it before."""
        return await self.act(alert, "snooze", {"until": until.isoformat()}, key=key)

    async def unsnooze(self, alert: Alert, *, key: str | None = None) -> Alert:
        return await self.act(alert, "unsnooze", key=key)

    async def note(self, alert: Alert, text: str, *, key: str | None = None) -> Alert:
        """Write something down about an alert, open or not; it is redacted."""
        return await self.act(alert, "note", {"text": text}, key=key)

    async def ack(self, alert: Alert, *, key: str | None = None) -> Alert:
        """Take an alert in hand: it is not repeated for a while."""
        return await self.act(alert, "ack", key=key)

    async def resolve(
        self,
        alert: Alert,
        disposition: str | None = None,
        *,
        duplicate_of: str | None = None,
        team: str | None = None,
        key: str | None = None,
    ) -> Alert:
        """Close an alert, and say what it was."""
        said = {"disposition": disposition, "duplicate_of": duplicate_of, "team": team}
        return await self.act(alert, "resolve", said, key=key)

    async def reopen(self, alert: Alert, *, key: str | None = None) -> Alert:
        """Open a resolved alert again, if no later one has taken its place."""
        return await self.act(alert, "reopen", key=key)

    async def reassign(self, alert: Alert, team: str, reason: str | None = None, *, key: str | None = None) -> Alert:
        """Give an alert to another team."""
        return await self.act(alert, "reassign", {"team": team, "reason": reason}, key=key)

    async def act(
        self, alert: Alert, deed: str, said: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> Alert:
        """Do what `POST /v1/alerts/{id}/{deed}` does, once, however often it has to be asked for.

        `key` makes that so over a restart of yours as well: give the same one for the same act, within 24 hours.

        Raises:
            OutOfDateError: the alert has been told of again; look at it and decide anew.
            RefusedError: the service said no.
            OutOfReachError: it is not known whether it was done; ask again under the same key.
        """
        given = {name: value for name, value in (said or {}).items() if value is not None}
        try:
            answer = await self._ask(
                "POST",
                f"/v1/alerts/{alert.alert_id}/{deed}",
                headers={"Idempotency-Key": key or str(uuid4())},
                body={"revision": alert.revision, "by": self._by, **given},
            )
        except RefusedError as refused:
            if refused.kind == "stale-revision":
                raise OutOfDateError(refused.detail, await self.alert(alert.alert_id)) from refused
            raise
        return Alert.model_validate(answer.json())

    async def _page(
        self, filters: Mapping[str, str | Collection[str]], cursor: str | None, wait: int = 0, tag: str | None = None
    ) -> httpx.Response:
        params = {"limit": _PAGE, **filters, "wait": str(wait)}
        if cursor is not None:
            params["cursor"] = cursor
        headers = {} if tag is None else {"If-None-Match": tag}
        return await self._ask("GET", f"/v1/teams/{self.team}/queue", params=params, headers=headers)

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str | Collection[str]] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        return await ask(
            self._client,
            method,
            path,
            tries=self._tries,
            pause=self._pause,
            headers=headers,
            params=params,
            body=body,
        )
