"""A request -> who asks by a page, and what they may do and see.

Where nobody has to show anything, whoever reaches the service says their own name, which a cookie keeps.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, unquote

from fastapi import Depends, Request

from service.core.access import RESERVED, Permission, Principal, decide

NAME = "console-name"
# Who has not said a name acts under this one.
NOBODY = "console"
THEME = "console-theme"
THEMES = ("light", "dark")
_LONGEST = 100
_PRINTABLE = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,100}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: `name` is what teams read of them, None while nobody has said it; `csrf` goes into every form."""

    name: str | None
    principal: Principal | None
    csrf: str
    theme: str | None

    def may(self, needs: Permission, team: str | None = None, *, everywhere: bool = False) -> bool:
        return decide(self.principal, needs, team, everywhere=everywhere) is None

    @property
    def is_named(self) -> bool:
        """Whether the service knows who it is, so that they need not say it."""
        return self.principal is not None and self.principal.name not in RESERVED

    @property
    def teams(self) -> Sequence[str] | None:
        """The teams that they are bound to, in order; None where that is all of them."""
        return None if self.principal is None or self.principal.teams is None else sorted(self.principal.teams)


def asker(request: Request) -> Asker:
    """Read who asks from a request's state and cookies."""
    principal: Principal | None = getattr(request.state, "principal", None)
    theme = request.cookies.get(THEME)
    known = principal is not None and principal.name not in RESERVED
    return Asker(
        name=principal.name if known and principal is not None else _said(request.cookies.get(NAME)),
        principal=principal,
        csrf=getattr(request.state, "csrf", None) or "",
        theme=theme if theme in THEMES else None,
    )


def kept_name(name: str) -> str:
    """Write a name for a cookie, which holds few characters as they are."""
    return quote(name[:_LONGEST])


def _said(kept: str | None) -> str | None:
    name = unquote(kept or "").strip()
    return name if _PRINTABLE.fullmatch(name) and name not in RESERVED else None


By = Annotated[Asker, Depends(asker)]
