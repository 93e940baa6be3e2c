"""Which heads are tried: with encoders, all vectors side by side in place of each encoder beside the text."""

import numpy as np

from service.training.recipes import recipes

EVEN, UNEVEN, FEW = np.repeat([0, 1, 2], 40), np.repeat([0, 1, 2], [200, 40, 40]), np.repeat([0, 1, 2], 5)


def test_vectors_are_tried_alone_and_beside_the_text() -> None:
    tried = {one.name: one.views for one in recipes(EVEN, asks=True, dense=["static"], taught=["taught"])}
    assert tried == {
        "text": ("text", "question"),
        "static": ("static", "question"),
        "taught": ("taught", "question"),
        "text+static": ("text", "static", "question"),
        "text+taught": ("text", "taught", "question"),
        "near static": ("static",),
        "near taught": ("taught",),
    }


def test_encoders_stand_beside_the_text_all_together() -> None:
    tried = recipes(UNEVEN, asks=False, dense=["static"], taught=["taught"], slow=["minilm", "use"])
    assert {one.name for one in tried if len(one.views) > 1 and {"minilm", "use"} & set(one.views)} == {
        "joint",
        "joint, balanced",
    }
    assert {one.views for one in tried if one.name == "joint"} == {("text", "static", "minilm", "use")}


def test_few_lines_have_the_words_and_what_goes_by_nearness_in_each_view() -> None:
    tried = recipes(FEW, asks=False, dense=["static"], taught=["taught"], slow=["use"])
    assert [(one.name, one.views) for one in tried] == [
        ("text", ("text",)),
        ("near static", ("static",)),
        ("near use", ("use",)),
        ("near taught", ("taught",)),
    ]
