"""A sprite file -> each of its symbols as inline SVG: no second request, and nothing that a policy has to let in."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from markupsafe import Markup

_SPRITE = Path(__file__).parent / "static" / "icons.svg"
_SYMBOL = re.compile(r'<symbol id="([a-z-]+)" viewBox="([0-9 ]+)">(.*?)</symbol>', re.DOTALL)


@cache
def _symbols() -> Mapping[str, tuple[str, str]]:
    text = _SPRITE.read_text(encoding="utf-8")
    return {name: (box, " ".join(inside.split())) for name, box, inside in _SYMBOL.findall(text)}


def icon(name: str) -> Markup:
    """Draw a symbol; it says nothing by itself, so words stand beside it."""
    box, inside = _symbols()[name]
    # The file is ours, and nothing of a request is in it.
    return Markup(  # noqa: S704
        f'<svg class="icon" viewBox="{box}" width="16" height="16" aria-hidden="true" focusable="false">{inside}</svg>'
    )
