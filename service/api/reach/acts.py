"""What somebody does -> the same under their own name, whoever they say that they are.

Where they may not read the words of customers, the answer holds none.
"""

from collections.abc import Callable

from msgspec.structs import replace

from service.api.reach.unquoted import unquoted_alert, unquoted_contribution, unquoted_correction
from service.core.pipeline.act import Acted, Asked
from service.core.pipeline.parting import Parted, Parting
from service.core.pipeline.refiling import RefiledNow, Refiling
from service.core.pipeline.silencing import AskedSilence, Silenced
from service.core.records.alerts import Alert
from service.core.records.muting import Silence
from service.ports import Actor, Answer, Keyed, Parter, Refiler, Silencer


class ReachedActor:
    """Implements Actor. What is remembered under an idempotency key may have been another's to read."""

    def __init__(self, act: Actor) -> None:
        self._act = act

    async def __call__(
        self, asked: Asked, alert_key: str, keyed: Keyed | None, body: Callable[[Alert], str]
    ) -> Acted | Answer:
        told = await self._act(asked, alert_key, _own(keyed), lambda after: body(unquoted_alert(after)))
        if isinstance(told, Acted) and told.alert is not None:
            return replace(told, alert=unquoted_alert(told.alert))
        return told


class ReachedRefiler:
    """Implements Refiler, likewise."""

    def __init__(self, refile: Refiler) -> None:
        self._refile = refile

    async def __call__(
        self, asked: Refiling, keyed: Keyed | None, body: Callable[[RefiledNow], str]
    ) -> RefiledNow | Answer:
        told = await self._refile(asked, _own(keyed), lambda done: body(_unquoted(done)))
        return told if isinstance(told, Answer) else _unquoted(told)


class SignedRefiler:
    """Implements Refiler under one's own name."""

    def __init__(self, refile: Refiler, name: str) -> None:
        self._refile, self._name = refile, name

    async def __call__(
        self, asked: Refiling, keyed: Keyed | None, body: Callable[[RefiledNow], str]
    ) -> RefiledNow | Answer:
        return await self._refile(replace(asked, by=self._name), keyed, body)


class SignedSilencer:
    """Implements Silencer under one's own name."""

    def __init__(self, silence: Silencer, name: str) -> None:
        self._silence, self._name = silence, name

    async def __call__(
        self, asked: AskedSilence, keyed: Keyed | None, body: Callable[[Silence], str], status: int
    ) -> Silenced | Answer:
        return await self._silence(replace(asked, by=self._name), keyed, body, status)


class SignedParter:
    """Implements Parter under one's own name."""

    def __init__(self, part: Parter, name: str) -> None:
        self._part, self._name = part, name

    async def __call__(self, asked: Parting) -> Parted:
        return await self._part(replace(asked, by=self._name))


def _own(keyed: Keyed | None) -> Keyed | None:
    return None if keyed is None else replace(keyed, key=f"unquoted {keyed.key}")


def _unquoted(done: RefiledNow) -> RefiledNow:
    correction, contribution = done.correction, done.contribution
    return replace(
        done,
        correction=None if correction is None else unquoted_correction(correction),
        contribution=None if contribution is None else unquoted_contribution(contribution),
    )
