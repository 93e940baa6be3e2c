"""Settings and a shelf -> the rulebook that everything here decides by, and who is told when it turns."""

from functools import partial

from service.adapters.kafka import Connection
from service.adapters.meter import PrometheusMeter
from service.app.kafka_parts import have_new_topics, have_topics
from service.app.playbooks import first_rules, rules_from
from service.core.pipeline.rules import Rules
from service.ports import Shelf
from service.runtime.classifiers import Classifiers
from service.runtime.rulebook import Rulebook
from service.runtime.timekeeping import WallTime
from service.settings import Settings


async def rulebook_of(
    settings: Settings,
    shelf: Shelf,
    classifiers: Classifiers,
    connection: Connection,
    meter: PrometheusMeter,
    wall: WallTime,
) -> Rulebook:
    """Find the rules to begin with, and see to the topics that they need.

    Raises:
        PlaybookError: there is no playbook without faults to decide by, or its model is missing.
        TopicsMissingError: topics are missing and may not be made.
    """
    rules = await first_rules(settings.playbook, shelf, classifiers, wall.now())
    await have_topics(connection, rules, settings)
    _tell(meter, classifiers, rules)
    rulebook = Rulebook(rules, rules_from(shelf, classifiers))
    rulebook.on_change(partial(_changed, settings, connection, classifiers, meter))
    return rulebook


async def _changed(
    settings: Settings, connection: Connection, classifiers: Classifiers, meter: PrometheusMeter, rules: Rules
) -> None:
    await have_new_topics(connection, rules, settings)
    _tell(meter, classifiers, rules)


def _tell(meter: PrometheusMeter, classifiers: Classifiers, rules: Rules) -> None:
    meter.forget("playbook_info")
    meter.put("playbook_info", rules.digest, value=1)
    meter.forget("classifier_info")
    if rules.classifier is not None:
        meter.put("classifier_info", rules.classifier.digest, value=1)
    meter.put("classifier_parts_missing", value=len(classifiers.missing(rules)))
