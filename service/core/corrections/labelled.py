"""Corrections, and what teams acted on -> labelled lines, as `train` reads them.

A line is `{id, text, language, question, labels}`, the last three as far as they are known; without a label it says
that the text is about none of the categories. Refused is what has no text: it was never there, or is erased.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from service.core.digest.alike import distinct
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution
from service.core.records.feedback import Feedback
from service.core.records.renamed import Renamed, current
from service.core.records.words import UNMAPPED

_UNDETERMINED = "und"


def labelled_line(one: Correction, renamed: Renamed) -> dict[str, Any] | None:
    """Write down what a person said of a text, by the present ids of the categories.

    None where there is no text, or another word of a person's holds.
    """
    if not one.text.strip() or not one.stands:
        return None
    meant = tuple(dict.fromkeys(current(name, renamed) for name in one.meant))
    return _line(one.key.source, one.event_id, one.text, one.language, one.question, meant)


def confirmed_lines(members: Iterable[Contribution], renamed: Renamed) -> Iterator[dict[str, Any]]:
    """Write down what was rightly filed, since the team acted on it; of texts of a category that are alike the first.

    What a person has filed is left out: it has a line of its own.
    """
    of_category: dict[str, list[Feedback]] = {}
    for one in members:
        category = current(one.categorised.category, renamed)
        if category != UNMAPPED and one.refiled is None and one.feedback.text.strip():
            of_category.setdefault(category, []).append(one.feedback)
    for category, said in sorted(of_category.items()):
        for place in distinct([feedback.text for feedback in said]):
            one_said = said[place]
            yield _line(
                one_said.source, one_said.event_id, one_said.text, one_said.language, one_said.question, (category,)
            )


def _line(
    source: str, event_id: str, text: str, language: str, question: str, labels: tuple[str, ...]
) -> dict[str, Any]:
    known = {} if language == _UNDETERMINED else {"language": language}
    asked = {} if not question else {"question": question}
    return {"id": f"{source}#{event_id}", "text": text, **known, **asked, "labels": list(labels)}
