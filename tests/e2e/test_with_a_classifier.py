"""A playbook that names a trained model: from the file beside it into the database, live and offline alike."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import yaml
from typer.testing import CliRunner

from service.adapters.model_files import write_model
from service.cli.main import app
from tests.builders import START, survey
from tests.classifying import trained
from tests.e2e.recorded import EVENT_TOPIC, Recorded, exported, replayed
from tests.e2e.served import Deployment, assert_same_files, lines
from tests.infrastructure.apache_kafka import ApacheKafka
from tests.infrastructure.kafka import create_topic

# None holds a keyword; the last is like nothing that the model learnt, and one has no text.
TEXTS = ["the courier never came!", "where is the chargeback?", "my plastic is late", "", "quark strangeness and charm"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A playbook beside its model, which was trained with vectors that are not installed."""
    file, digest = write_model(trained().model, trained().report)
    home = tmp_path / "shop"
    (home / "models").mkdir(parents=True)
    (home / "models" / "shop.model").write_bytes(file)
    document = {
        "name": "A shop that listens",
        "taxonomy": [{"id": name, "label": {"en": name}} for name in ("card", "delivery", "refund")],
        "classifier": {"model": digest},
        "teams": [{"id": name, "name": name} for name in ("cards", "desk")],
        "routes": {
            "team": "desk",
            "arbitration": "desk",
            "routes": [{"id": "cards", "match": {"category": "card"}, "team": "cards"}],
        },
    }
    (home / "playbook.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    return home


def events(path: Path) -> Recorded:
    made = [
        {**survey(f"r{at}", 0, text, customer=f"c{at}"), "time": (START + timedelta(minutes=at)).isoformat()}
        for at, text in enumerate(TEXTS)
    ]
    path.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in made))
    return Recorded(path=path, count=len(made), last=START + timedelta(minutes=len(made) - 1))


def command(*arguments: str, **environment: str) -> tuple[int, str, str]:
    ended = CliRunner().invoke(app, arguments, env=environment)
    return ended.exit_code, ended.stdout, " ".join(ended.stderr.split())


def test_explain_finds_the_model_in_the_playbook_s_folder(folder: Path, tmp_path: Path) -> None:
    code, out, talk = command("explain", str(folder), str(events(tmp_path / "events.jsonl").path))
    told = [json.loads(line) for line in out.splitlines()]
    assert (code, [(one["category"]["category"], one["category"]["method"]) for one in told]) == (
        0,
        [("delivery", "model"), ("refund", "model"), ("card", "model"), ("unmapped", "none"), ("unmapped", "none")],
    )
    assert [one["category"]["model"]["abstained"] for one in told] == [None, None, None, "no_text", "out_of_scope"]
    assert "courier" in told[0]["category"]["matched"]
    assert "what it lacks here: static; it answers with what remains." in talk


def test_without_the_model_nothing_is_run_and_it_is_said_where_to_put_it(folder: Path) -> None:
    (folder / "models" / "shop.model").write_bytes(b"spoilt")
    code, out, talk = command("check", str(folder))
    assert (code, out) == (1, "")
    assert "models/*.model is the model" in talk


@pytest.mark.kafka
@pytest.mark.postgres
async def test_what_the_model_decides_live_is_what_a_replay_decides_also_after_a_start_without_its_file(
    killable_kafka: ApacheKafka, database: str, folder: Path, tmp_path: Path
) -> None:
    deployment = Deployment(database, killable_kafka.bootstrap_servers, folder, tmp_path)
    said = events(tmp_path / "events.jsonl")
    values = said.path.read_bytes().splitlines()
    await create_topic(deployment.bootstrap_servers, EVENT_TOPIC, partitions=1)
    await deployment.deal(EVENT_TOPIC, [values[:2]])
    async with deployment.serving() as process:
        await deployment.until(2, process)
    undisturbed = await replayed(deployment, said)
    (folder / "models" / "shop.model").unlink()
    await deployment.deal(EVENT_TOPIC, [values[2:]])
    async with deployment.serving() as process:
        await deployment.until(len(values), process)
    live = await exported(deployment, "live")
    assert_same_files(["feedback.jsonl", "notices.jsonl"], live, undisturbed)
    decided = lines(live / "feedback.jsonl")
    digest = yaml.safe_load((folder / "playbook.yaml").read_text())["classifier"]["model"]
    assert [(one["category"], one["model"]) for one in decided] == [
        (category, digest) for category in ("delivery", "refund", "card", "unmapped", "unmapped")
    ]
    assert "classifier_is_incomplete" in deployment.talk()


@pytest.mark.postgres
async def test_models_are_added_and_listed_from_a_terminal(database: str, folder: Path, tmp_path: Path) -> None:
    file, spoilt = folder / "models" / "shop.model", tmp_path / "spoilt.model"
    spoilt.write_bytes(b"spoilt")
    ended = [
        await asyncio.to_thread(command, "models", *arguments, DATABASE_URL=database)
        for arguments in (("add", str(file)), ("add", str(file)), ("add", str(spoilt)), ("list",))
    ]
    assert [code for code, _, _ in ended] == [0, 0, 1, 0]
    assert [json.loads(ended[at][1])["new"] for at in (0, 1)] == [True, False]
    assert "This is no model" in ended[2][2]
    assert [json.loads(line)["name"] for line in ended[3][1].splitlines()] == ["shop"]
