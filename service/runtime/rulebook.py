"""The digest of the active playbook -> its compiled rules: each compiled once, by whoever needs it first."""

import asyncio
from collections.abc import Awaitable, Callable

from service.core.pipeline.rules import Rules

RulesFor = Callable[[str], Awaitable[Rules]]
Changed = Callable[[Rules], Awaitable[None]]

_KEPT = 4


class Rulebook:
    """The rules that the loops decide by. They turn to others when a transaction finds another playbook active."""

    def __init__(self, rules: Rules, rules_for: RulesFor, *listeners: Changed) -> None:
        self.rules = rules
        self._rules_for = rules_for
        self._listeners = list(listeners)
        self._known = {rules.digest: rules}
        self._turning = asyncio.Lock()

    def on_change(self, changed: Changed) -> None:
        """Have `changed` called with other rules before they are used; those that were told first come first."""
        self._listeners.append(changed)

    async def turn_to(self, digest: str) -> Rules:
        """Make the rules of `digest` the current ones, and tell who needs to know.

        Raises:
            OutOfReachError: the playbook can not be loaded now.
        """
        async with self._turning:
            if self.rules.digest != digest:
                rules = self._known.get(digest) or await self._rules_for(digest)
                for changed in self._listeners:
                    await changed(rules)
                self._known[digest] = rules
                while len(self._known) > _KEPT:
                    del self._known[next(iter(self._known))]
                self.rules = rules
            return self.rules
