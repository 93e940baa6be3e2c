"""A feedback whose event names no language -> the same, in the language that its text is found to be in.

Nothing is refused: what is too short or too unsure stays `und`, in which words of every language are read.
"""

import re
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from service.core.records.feedback import Feedback
from service.core.records.words import Flag

UNKNOWN = "und"
# A text -> the likeliest language, as ISO 639 has it, and how sure that is, 0 to 1; the same for the same text.
Detect = Callable[[str], tuple[str, float]]
# Languages to choose from -> what chooses. Those that it does not know it leaves out.
Detectors = Callable[[frozenset[str]], Detect]

# With fewer languages to choose from, a short text is surer.
COMMON = frozenset({"da", "de", "en", "es", "fi", "fr", "it", "nl", "no", "pl", "pt", "sv", "tr"})
# Bytes of letters, since a letter of some scripts says as much as a syllable. What lies behind the last adds nothing.
_LONG_ENOUGH, _LONGEST = 10, 1_000
_SURE = 0.75
_PLACEHOLDER = re.compile(r"\[[a-z_]+\]")


def choice(spoken: Iterable[str]) -> frozenset[str]:
    """Return the languages to choose from: those given, without the `*` of every language, and the common ones."""
    return COMMON | {one.partition("-")[0] for one in spoken if one != "*"}


def in_its_language(feedback: Feedback, detect: Detect | None) -> Feedback:
    """Name the language of a redacted text, with a flag that says so, unless its event did or it is unsure."""
    if detect is None or feedback.language != UNKNOWN:
        return feedback
    text = _PLACEHOLDER.sub(" ", feedback.text[:_LONGEST])
    if len("".join(filter(str.isalpha, text)).encode()) < _LONG_ENOUGH:
        return feedback
    language, sure = detect(text)
    if sure < _SURE:
        return feedback
    return replace(feedback, language=language, flags=(*feedback.flags, Flag.LANGUAGE_DETECTED))
