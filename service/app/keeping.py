"""Settings -> the key under which customers are hidden, what forgets them, and what tells of outcomes."""

from service.adapters.meter import PrometheusMeter
from service.app.opened import Opened
from service.core.pseudonym import PseudonymKey
from service.ports import Store
from service.runtime.health import Health
from service.runtime.housekeeping import Housekeeping
from service.runtime.lifecycle import Part
from service.runtime.outreach import OutcomeRounds
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import WallTime
from service.settings import Clock, Settings


def key_of(settings: Settings) -> PseudonymKey:
    """Return the key, with the one before it while that is set."""
    key_id, secret = settings.pseudonym
    former = None
    if settings.former_pseudonym_key is not None:
        before = settings.former_pseudonym_key.get_secret_value().encode()
        former = PseudonymKey(key_id=settings.former_pseudonym_key_id, secret=before)
    return PseudonymKey(key_id=key_id, secret=secret, former=former)


def housekeeping(
    settings: Settings, store: Store, rulebook: Rulebook, wall: WallTime, watch: Health, meter: PrometheusMeter
) -> Part:
    keeping = Housekeeping(
        store,
        rulebook,
        key_of(settings),
        wall,
        by_wall=settings.clock is Clock.WALL,
        watch=watch,
        meter=meter,
    )
    return Part(name="housekeeping", run=keeping.run, seconds=settings.drain)


def telling_outcomes(opened: Opened) -> Part:
    rounds = OutcomeRounds(opened.store, opened.rulebook, opened.time.present, opened.health)
    return Part(name="outreach", run=rounds.run, seconds=opened.settings.drain)
