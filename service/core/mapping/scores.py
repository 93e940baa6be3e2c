"""The scores of one record -> metrics on their own scales.

A code that means no answer and a word that is no number give no metric: what was said beside them still counts, and the
record is flagged. A number off its scale is passed on, for the contract to refuse: the scale must be wrong.
"""

from service.core.mapping.fields import Fields
from service.core.mapping.values import as_number, as_text
from service.core.playbook.origins import label_text
from service.core.playbook.sources import ScoreSpec


def metrics_of(specs: tuple[ScoreSpec, ...], fields: Fields) -> list[dict[str, object]]:
    """Return the metrics as the contracts write them, in the order of the source."""
    found: list[dict[str, object]] = []
    for at, spec in enumerate(specs):
        place = f"scores[{at}]"
        if spec.when is not None and fields.scope.results.get(f"{place}.when") is not True:
            continue
        raw = _raw(spec, fields, f"{place}.value")
        if raw is None:
            continue
        metric: dict[str, object] = {
            "kind": spec.kind,
            "raw": raw,
            "scale_min": spec.scale_min,
            "scale_max": spec.scale_max,
            "orientation": spec.orientation,
        }
        question = fields.line(f"{place}.question")
        found.append(metric if question is None else {**metric, "question_id": question})
    return found


def _raw(spec: ScoreSpec, fields: Fields, place: str) -> float | None:
    found = fields.scalar(place)
    word = as_text(found)
    if word is None or label_text(word) in {label_text(code) for code in spec.missing}:
        return None
    named = spec.words.get(label_text(word))
    return as_number(found) if named is None else named
