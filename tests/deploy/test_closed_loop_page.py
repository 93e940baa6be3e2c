"""The page on the closed loop has the sentences of the code, and its part of a playbook is one."""

import yaml

from service.core import outreach
from service.core.playbook.outreach import Outreach
from service.core.records.words import Disposition
from tests.deploy.test_docs import coded, page, rows, section


def test_every_disposition_has_its_sentence_on_the_page() -> None:
    told = {Disposition(coded(row[0])[0]): row[1] for row in rows(section("closed-loop.md", "What the employee gets"))}
    assert told == {one: text.format(team="Drivers") for one, text in outreach.SENTENCES.items()}


def test_the_part_of_a_playbook_that_is_shown_is_one() -> None:
    shown = yaml.safe_load(page("closed-loop.md").split("```yaml\n")[1].split("```")[0])
    assert Outreach.model_validate(shown["outreach"]) == Outreach(topics={"/typeform": "typeform.outcomes"})
