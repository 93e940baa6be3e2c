"""What is kept -> the same without the words of customers, for who may not read these; all counts stay."""

from msgspec.structs import replace

from service.core.records.alerts import Alert
from service.core.records.corrections import Correction
from service.core.records.decisions import Contribution
from service.core.records.facts import FeedbackRow
from service.ports import Letter


def unquoted_alert(alert: Alert) -> Alert:
    return replace(alert, excerpts=())


def unquoted_row(row: FeedbackRow) -> FeedbackRow:
    told = row.explanation.get("category")
    if not isinstance(told, dict):
        return row
    model = told.get("model")
    bare = {**told, "matched": []}
    if isinstance(model, dict):
        bare["model"] = {**model, "matched": []}
    return replace(row, explanation={**row.explanation, "category": bare})


def unquoted_contribution(one: Contribution) -> Contribution:
    said = one.categorised.model
    categorised = replace(one.categorised, matched=(), model=None if said is None else replace(said, matched=()))
    feedback = replace(one.feedback, text="", question="")
    return replace(one, feedback=feedback, categorised=categorised)


def unquoted_correction(one: Correction) -> Correction:
    return replace(one, text="", question="", given=replace(one.given, matched=()))


def unquoted_letter(one: Letter) -> Letter:
    return replace(one, letter=replace(one.letter, payload=None))
