"""What the API is given to work with; it makes and finds nothing itself."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Protocol

from fastapi import Depends, Request
from starlette.datastructures import Headers

from service.api.entrance import Entrance
from service.api.needs import denied
from service.api.noting import Noting
from service.api.reach import (
    ReachedActor,
    ReachedDesk,
    ReachedRefiler,
    SignedParter,
    SignedRefiler,
    SignedSilencer,
)
from service.api.rooms import Room
from service.core.access import Permission, Principal
from service.core.backtest import Comparison
from service.core.pipeline.rules import Rules
from service.core.records.doer import Doer, Means
from service.ports import (
    Actor,
    Audit,
    Books,
    Checked,
    Degraded,
    Deliveries,
    Desk,
    Models,
    Originals,
    Parter,
    Provider,
    Refiler,
    Sender,
    Shelf,
    Silencer,
    StoredModel,
)

MOST_POLLS = 100
# Consoles that follow a queue at once; of all connections that leaves a fifth for what is asked in between.
MOST_STREAMS = 400
# Playbooks that may be checked at once to explain events by them; a large one takes seconds.
MOST_REHEARSALS = 2


class Pulse(Protocol):
    """How the service is."""

    async def unready(self) -> tuple[str, ...]:
        """Say why nothing should be sent here now; nothing when it may."""
        ...

    def degraded(self) -> Sequence[Degraded]:
        """Say what is amiss that no other replica would do better."""
        ...

    async def stuck(self) -> tuple[str, ...]:
        """Say what a restart would mend; nothing when the service is alive."""
        ...

    async def drained(self, within: float) -> bool:
        """Wait for so many seconds; return True at once when nothing new should be sent here any more."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The API's dependencies.

    `rules` gives the active playbook's, `now` the clock of decisions; `check` finds the faults of playbook documents by
    file name; `secret_of` looks a signature's secret up. `keep_model` opens and stores a model by its name and bytes
    and says whether it is new, or raises ModelFault; `in_force` names the classifier in force and what it lacks here.
    `books` sums up what became of all that was consumed; `backtest` decides what came since an instant under two
    playbooks, in that order. `entrance` says who asks, `noting` is told of what was refused and who looked at
    verbatims; people sign in at `provider`, where there is one. `original` finds a refused record in Kafka; `figures`
    are what /metrics says. Long polls look again every `poll_seconds`; `polls` has room for those that wait at once.
    Queues that somebody follows are looked at every `stream_seconds`. `principal` is who asks, where the request has
    shown it.
    """

    desk: Desk
    deliveries: Deliveries
    shelf: Shelf
    models: Models
    audit: Audit
    keep_model: Callable[[str, bytes, Doer], Awaitable[tuple[StoredModel, bool]]]
    in_force: Callable[[], tuple[str, tuple[str, ...]] | None]
    sender: Sender
    original: Originals
    act: Actor
    silence: Silencer
    part: Parter
    refile: Refiler
    rules: Callable[[], Awaitable[Rules]]
    now: Callable[[], Awaitable[datetime]]
    check: Callable[[Mapping[str, str]], Awaitable[Checked]]
    secret_of: Callable[[str], str | None]
    pulse: Pulse
    figures: Callable[[], Awaitable[bytes]]
    relay_guarantee: str
    books: Callable[[], Awaitable[Books]]
    backtest: Callable[[Rules, Rules, datetime], Awaitable[Comparison]]
    entrance: Entrance
    noting: Noting
    provider: Provider | None = None
    poll_seconds: float = 1.0
    polls: Room = field(default_factory=lambda: Room(MOST_POLLS))
    stream_seconds: float = 0.4
    streams: Room = field(default_factory=lambda: Room(MOST_STREAMS))
    rehearsals: Room = field(default_factory=lambda: Room(MOST_REHEARSALS))
    principal: Principal | None = None

    def doer(self, by: str = "api") -> Doer:
        """Name who asks: the principal of the request, or else whom its body names, which nobody has checked."""
        one = self.principal
        if one is None or one.is_shared:
            # Whoever has the operator's token, or reaches a loopback address, gives a name of their own choice.
            return Doer(name=by, role=None if one is None else one.role.value)
        return Doer(name=one.name, role=one.role.value, means=Means.PROVED)


def _services(request: Request) -> Services:
    """Return the services as they are to who asks: others' rows are not there, and acts bear their own name."""
    services: Services = request.app.state.services
    who: Principal | None = request.state.principal
    if who is None:
        return services
    services = replace(services, principal=who)
    if who.is_shared:
        return services
    reached = replace(
        services,
        desk=ReachedDesk(services.desk, who, partial(denied, request)),
        silence=SignedSilencer(services.silence, who.name),
        part=SignedParter(services.part, who.name),
        refile=SignedRefiler(services.refile, who.name),
    )
    if not who.may(Permission.READ_VERBATIMS):
        reached = replace(reached, act=ReachedActor(reached.act), refile=ReachedRefiler(reached.refile))
    return reached


def media_type(headers: Headers) -> str:
    """Return what a body says to be, in lower case and without its parameters; nothing where it says nothing."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


Given = Annotated[Services, Depends(_services)]
