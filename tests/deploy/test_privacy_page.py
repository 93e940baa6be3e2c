"""The page on privacy has a word for every table and column, class and age, and kind of a receipt."""

from datetime import timedelta

from service.adapters.postgres.schema import metadata
from service.core.pipeline.ages import ages
from service.core.playbook.model import Privacy
from service.core.records.words import Kept
from tests.deploy.test_docs import coded, page, rows, section


def test_every_table_and_column_has_a_word_on_what_an_erasure_does_to_it() -> None:
    told = rows(section("privacy.md", "Erasure"))
    assert {coded(row[0])[0]: sorted([*coded(row[1]), *coded(row[2])]) for row in told} == {
        name: sorted(column.name for column in table.columns) for name, table in metadata.tables.items()
    }
    assert [row for row in told if not (row[3] and row[4])] == []


def test_every_class_of_what_is_kept_is_named_with_its_age() -> None:
    told = [(Kept(name), row[3]) for row in rows(section("privacy.md", "Retention")) for name in coded(row[0])]
    assert {what: timedelta(days=int(days)) for what, days in told} == ages(Privacy())
    settings = {name for row in rows(section("privacy.md", "Retention")) for name in coded(row[2])}
    assert settings == {"dead_letter_days", "alert_text_days", "feedback_days", "log_days", "audit_days"}


def test_ages_follow_the_playbook_and_texts_never_outlive_their_rows() -> None:
    found = ages(Privacy(dead_letter_days=3, feedback_days=50, alert_text_days=90, log_days=60))
    assert (found[Kept.DEAD_LETTERS], found[Kept.FEEDBACK]) == (timedelta(days=3), timedelta(days=50))
    assert found[Kept.ALERT_TEXT] == found[Kept.NOTICES] == timedelta(days=60)


def test_every_kind_that_a_receipt_counts_is_named() -> None:
    told = {name for row in rows(section("privacy.md", "Receipts")) for name in coded(row[0])}
    assert told == {
        *("subjects", "contributions", "instances", "alerts", "notices", "digests", "messages", "log", "evidence"),
        *("dead_letters", "answers", "silences", "corrections", "acts", "deliveries"),
    }
    assert "privacy.receipt.v1" in page("privacy.md")
