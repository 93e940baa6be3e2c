"""Playbook files: every fault at its line and column, all at once, and nothing that makes loading raise."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.playbook_files import LocatedFault, faults_json, format_faults, load, load_text
from service.assets import playbooks

SOUND = """\
name: Shop
taxonomy:
  - id: delivery.late
    label: {en: Late delivery}
    keywords: {en: [late, delayed]}
    process: delivery
  - id: other
    label: {en: Other}
processes:
  - {id: delivery, name: Delivery, team: carriers}
teams:
  - {id: carriers, name: Carriers, owns: [{process: delivery}]}
  - {id: desk, name: Desk}
routes:
  team: desk
  arbitration: desk
  routes:
    - id: urgent
      when: feedback.severity == "critical"
      team: desk
    - id: owner
      match: {process: delivery}
      team: owner
"""


def _found(text: str) -> list[str]:
    """Return the faults of one document, without its name."""
    return format_faults(load_text({"p": text}).faults).replace("p:", "", 1).replace("\np:", "\n").splitlines()


def test_a_sound_playbook_has_no_fault_a_digest_and_a_text_that_loads_again() -> None:
    loaded = load_text({"p": SOUND})
    assert loaded.faults == ()
    assert loaded.playbook is not None
    assert loaded.playbook.name == "Shop"
    again = load_text({"row": loaded.text})
    assert (again.playbook, again.digest, again.text) == (loaded.playbook, loaded.digest, loaded.text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # YAML
        ("name: Shop", "name: 'Shop", "24:1: not YAML: found unexpected end of stream"),
        ("name: Shop", "name: Shop\nname: Mall", "2:1: 'name' is given twice; the first is on line 1"),
        ("name: Shop", "name: !!python/name:os.system x", "1:7: tags are not supported; leave it out"),
        ("name: Shop", "name: *shop", "1:7: *shop names no anchor that was closed before it"),
        ("name: Shop", "name: Shop\n<<: {}", "2:1: merge keys are not supported; write the lines out, or alias"),
        ("name: Shop", "name: Shop\n? [a]\n: b", "2:3: a key must be a text"),
        ("name: Shop", 'name: "\\0"', "1:7: a control character or half a character; no text holds these"),
        ("name: Shop", 'name: "\\ud800"', "1:7: a control character or half a character; no text holds these"),
        ("name: Shop", "name: Sh\x07op", "1:9: not YAML: a control character; write it as an escape"),
        ("name: Shop", "name: Shop\n---\na: b", "2:1: a second document begins here; a file holds one"),
        ("name: Shop", "name: " + "[" * 41 + "]" * 41, "1:46: more than 40 levels of nesting"),
        # The model
        ("name: Shop", "title: Shop", "1:1: name: is missing; add it"),
        ("name: Shop", "title: Shop", "1:1: title: is not a field here; correct its name or take it out"),
        ("name: Shop", "name: [Shop]", "1:7: name: should be a valid string"),
        ("  - {id: desk, name: Desk}", "  - {id: desk}", "13:5: teams[1].name: is missing; add it"),
        ("{id: desk, name", "{id: De sk, name", "13:10: teams[1].id: String should match pattern"),
        ("team: carriers}", "team: carriers, since: 1}", "10:52: processes[0].since: is not a field here;"),
        (
            "{process: delivery}\n",
            "{proces: delivery}\n",
            "22:14: routes.routes[1].match: 'proces' is not a field; use",
        ),
        ("  team: desk\n  arb", "  wait: soon\n  team: desk\n  arb", "15:9: routes.wait: write a duration as"),
        ("  arbitration: desk", "  arbitration: desk\n  group_by: [text]", "15:3: routes: group_by: 'text' can not be"),
        # Relations
        ("team: carriers}", "team: carrier}", "10:42: processes[0].team: 'carrier' is not a known team; did you mean"),
        (
            "    process: delivery",
            "    process: dispatch",
            "6:14: taxonomy[0].process: 'dispatch' is not a known process;",
        ),
        ("  - id: other", "  - id: delivery.late", "7:9: taxonomy[1].id: 'delivery.late' is in taxonomy already;"),
        ("      team: owner", "      team: owners", "23:13: routes.routes[1].team: 'owners' is not a known team;"),
        # Conditions
        ("feedback.severity ==", "feedback.severety ==", "19:13: routes.routes[0].when: feedback.severety is not a"),
    ],
)
def test_a_fault_is_found_at_its_line_and_column(old: str, new: str, expected: str) -> None:
    assert old in SOUND
    found = _found(SOUND.replace(old, new, 1))
    assert [line for line in found if line.startswith(expected)] != [], found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{id: carriers, name: Carriers,", "{id: carriers,", "12:5: teams[0].name: is missing; add it"),
        ("name: Carriers, owns: [{process: delivery}]", "name: Carriers, owns: [{x: y}]", "12:43: teams[0].owns[0]: "),
        ("      match: {process: delivery}", "      match: {proces: delivery}", "22:14: routes.routes[1].match: "),
    ],
)
def test_what_only_follows_from_a_fault_is_not_reported(old: str, new: str, expected: str) -> None:
    found = _found(SOUND.replace(old, new, 1))
    assert len(found) == 1
    assert found[0].startswith(expected)


def test_faults_of_every_kind_are_reported_together() -> None:
    broken = (
        SOUND.replace("name: Shop", "name: Shop\nname: Mall\nfatigue: {floor: lowest}")
        .replace("    process: delivery", "    process: dispatch")
        .replace("feedback.severity ==", "feedback.severity +")
        .replace("- {id: desk, name: Desk}", "- {id: desk}")
    )
    assert [line.split(": ", 2)[:2] for line in _found(broken)] == [
        ["2:1", "'name' is given twice; the first is on line 1"],
        ["3:18", "fatigue.floor"],
        ["8:14", "taxonomy[0].process"],
        ["15:5", "teams[1].name"],
        ["21:13", "routes.routes[0].when"],
    ]


def test_a_source_that_can_not_be_compiled_is_refused_at_its_path() -> None:
    source = "sources:\n  forms:\n    kind: survey\n    subject: a[b\n"
    found = _found(SOUND.replace("name: Shop", f"name: Shop\n{source}"))
    assert [line.split(": ")[:2] for line in found] == [["5:14", "sources.forms.subject.path"]]


def test_a_number_that_is_not_finite_is_refused() -> None:
    assert load_text({"p": SOUND + "volume: {h_formal: inf}\n"}).faults != ()


def test_aliases_are_followed_within_bounds() -> None:
    shared = SOUND.replace("{en: Late delivery}", "&label {en: Late delivery}").replace("{en: Other}", "*label")
    loaded = load_text({"p": shared})
    assert loaded.playbook is not None
    assert loaded.playbook.taxonomy[1].label == {"en": "Late delivery"}


def test_an_alias_bomb_is_refused_before_it_expands() -> None:
    steps = ["- &a0 [x, x]"] + [f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert _found("\n".join(steps)) == ["6:3: more than 50000 values once aliases are expanded"]


def test_a_chain_of_aliases_may_not_nest_too_deep() -> None:
    steps = ["- &a0 [x]"] + [f"- &a{n} [*a{n - 1}]" for n in range(1, 50)]
    assert _found("\n".join(steps)) == ["40:3: more than 40 levels of nesting once aliases are expanded"]


def test_a_file_past_the_size_is_refused_unread() -> None:
    assert _found("a: " + "x" * (1 << 20)) == ["1:1: the file is larger than 1048576 bytes; split it"]


def test_a_tag_that_would_take_long_to_read_is_refused_unread() -> None:
    assert _found("!" * (1 << 19)) == ["1:1: not YAML: a tag without an end"]


def test_many_faults_stop_the_reading() -> None:
    assert _found("a: b\n" * 500)[-1] == "101:1: too many faults; the rest of the file was not read"


def test_more_values_than_a_playbook_needs_are_refused_early() -> None:
    assert _found("- a\n" * 60_000) == ["50001:3: more than 50000 values; split the playbook"]


def test_of_very_many_faults_the_first_are_shown() -> None:
    found = load_text({"p": "".join(f"k{n}: 1\n" for n in range(600))}).faults
    assert len(found) == 501
    assert found[-1].message == "104 further faults are not shown"


def test_codes_with_a_leading_zero_stay_text() -> None:
    text = (
        SOUND + "tests:\n- name: t\n  verdicts: []\n  events: [{event: {a: 007, b: 7, c: 1.5, d: no, e: true, f: ~}}]\n"
    )
    loaded = load_text({"p": text})
    assert loaded.playbook is not None
    assert loaded.playbook.tests[0].events[0].event == {"a": "007", "b": 7, "c": 1.5, "d": "no", "e": True, "f": None}


def test_no_document_is_a_fault() -> None:
    assert format_faults(load_text({}).faults) == "playbook:1:1: there is no document\n"
    assert _found("") == [
        "1:1: name: is missing; add it",
        "1:1: routes: is missing; add it",
        "1:1: taxonomy: is missing; add it",
        "1:1: teams: is missing; add it",
    ]
    assert _found("- a") == ["1:1: a playbook file is a mapping, such as `name: My playbook`"]


def _written(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def _split(text: str) -> dict[str, str]:
    """Cut the sound playbook into three files, in the order in which they are merged."""
    taxonomy, rest = text.split("processes:\n")
    processes, routes = rest.split("routes:\n", 1)
    return {"a.yaml": taxonomy, "b.yaml": "processes:\n" + processes, "c.yaml": "routes:\n" + routes}


def test_the_layout_of_the_files_does_not_change_the_digest(tmp_path: Path) -> None:
    one = load(_written(tmp_path / "one", {"playbook.yaml": "# A comment\n" + SOUND}) / "playbook.yaml")
    folder = load(_written(tmp_path / "folder", _split(SOUND)))
    assert one.digest == folder.digest == load_text({"p": SOUND}).digest
    assert load_text(folder.documents).digest == folder.digest


def test_files_are_merged_and_what_is_given_twice_is_a_fault(tmp_path: Path) -> None:
    folder = _written(
        tmp_path / "shop",
        {
            **_split(SOUND),
            "d.yaml": "name: Mall\nteams: [{id: extra, name: Extra}]\nprivacy: {phone_region: DE}\n",
            "e.yaml": "privacy:\n  phone_region: FR\nfatigue: {floor: high}\n",
        },
    )
    assert format_faults(load(folder).faults) == (
        f"{folder}/d.yaml:1:1: name is already given in {folder}/a.yaml:1\n"
        f"{folder}/e.yaml:2:3: privacy.phone_region is already given in {folder}/d.yaml:3\n"
    )


def test_a_source_may_lie_in_the_folder_of_sources_or_be_included(tmp_path: Path) -> None:
    forms = "sources: {forms: {kind: survey, subject: id}}\n"
    own = _written(tmp_path / "own", {**_split(SOUND), "sources/forms.yaml": forms})
    shared = _written(tmp_path / "shared", {**_split(SOUND), "d.yaml": "include: [../ready/forms.yaml]\n"})
    _written(tmp_path, {"ready/forms.yaml": forms})
    first, second = load(own), load(shared)
    assert first.playbook is not None
    assert list(first.playbook.sources) == ["forms"]
    assert first.digest == second.digest
    assert sorted(second.documents) == [
        "ready/forms.yaml", "shared/a.yaml", "shared/b.yaml", "shared/c.yaml", "shared/d.yaml",
    ]  # fmt: skip
    assert load_text(second.documents).digest == second.digest


def test_an_include_stays_inside_the_playbooks_folder(tmp_path: Path) -> None:
    _written(tmp_path, {"secret.yaml": "name: Secret\n"})
    root = tmp_path / "playbooks"
    folder = _written(root / "shop", _split(SOUND))
    (folder / "link").symlink_to(tmp_path)
    _written(folder, {"d.yaml": "include:\n- ../../secret.yaml\n- /etc/passwd\n- link/secret.yaml\n- nowhere.yaml\n"})
    assert format_faults(load(folder).faults) == (
        f"{folder}/d.yaml:2:3: ../../secret.yaml is not in the playbooks folder; copy it there\n"
        f"{folder}/d.yaml:3:3: /etc/passwd is not in the playbooks folder; copy it there\n"
        f"{folder}/d.yaml:4:3: shop/link/secret.yaml leads out of the playbooks folder; copy it there\n"
        f"{folder}/d.yaml:5:3: shop/nowhere.yaml can not be read: No such file or directory\n"
    )


def test_files_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    folder = _written(
        tmp_path / "shop", {**_split(SOUND), "d.yaml": "include: e.yaml\n", "e.yaml": "include: [d.yaml]\n"}
    )
    assert load(folder).digest == load_text({"p": SOUND}).digest


EXAMPLES = """\
  - id: other
    label: {en: Other, de: Anderes}
    examples:
      include:
        en: [Nothing that a word says.]
"""


def test_a_playbook_with_warnings_is_loaded_and_each_has_its_place() -> None:
    text = SOUND.replace("  - id: other\n    label: {en: Other}\n", EXAMPLES)
    loaded = load_text({"p": text})
    assert loaded.playbook is not None
    assert (loaded.faults, format_faults(loaded.warnings).splitlines()) == (
        (),
        [
            "p:3:3: taxonomy: 1 of 2 categories have no label in de: delivery.late",
            "p:11:14: taxonomy[1].examples.include.en[0]: no word of it is a keyword; only a classifier can place it",
        ],
    )


def test_an_example_that_the_words_of_its_category_contradict_is_a_fault_at_its_place() -> None:
    text = SOUND.replace(
        "    process: delivery\n", "    process: delivery\n    examples: {exclude: {en: [A late bill.]}}\n", 1
    )
    assert _found(text) == [
        (
            "7:31: taxonomy[0].examples.exclude.en[0]: is said not to belong here, and its words put it here; "
            "change the keywords of delivery.late"
        )
    ]


def test_texts_that_include_what_was_not_sent_are_refused() -> None:
    assert format_faults(load_text({"a/p": "include: [../b.yaml]\n"}).faults) == (
        "a/p:1:11: b.yaml is not among the documents; send it along\n"
    )


def test_files_that_can_not_be_read_are_faults(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes(b"name: caf\xe9\n")
    (tmp_path / "empty").mkdir()
    assert format_faults(load(tmp_path / "latin.yaml").faults) == (
        f"{tmp_path}/latin.yaml:1:1: latin.yaml is not UTF-8, from byte 9 on\n"
    )
    assert format_faults(load(tmp_path / "none.yaml").faults) == (
        f"{tmp_path}/none.yaml:1:1: none.yaml can not be read: No such file or directory\n"
    )
    assert format_faults(load(tmp_path / "empty").faults) == f"{tmp_path}/empty:1:1: holds no *.yaml file\n"


def test_faults_are_written_in_order_as_lines_and_as_records() -> None:
    later = LocatedFault(file="b", line=1, column=1, path=(), message="two\nlines")
    earlier = LocatedFault(file="a", line=10, column=2, path=("teams", 0, "id"), message="one")
    assert format_faults([later, earlier]) == "a:10:2: teams[0].id: one\nb:1:1: two lines\n"
    assert faults_json([later, earlier]) == [
        {"file": "a", "line": 10, "column": 2, "path": "teams[0].id", "message": "one"},
        {"file": "b", "line": 1, "column": 1, "path": "", "message": "two\nlines"},
    ]


@pytest.mark.parametrize(
    "folder", sorted(path.name for path in playbooks().iterdir() if (path / "playbook.yaml").exists())
)
def test_the_playbooks_that_are_shipped_have_no_fault(folder: str) -> None:
    loaded = load(playbooks() / folder)
    assert format_faults(loaded.faults) == ""
    assert load_text({"row": loaded.text}).digest == loaded.digest


_LINES = st.lists(st.sampled_from(SOUND.splitlines()), max_size=25).map("\n".join)
_SIGNS = st.lists(
    st.one_of(
        st.sampled_from(list("{}[]:-&*!|>'\"%@`#,?\\ \n\t")), st.sampled_from(["a", "<<", "1", "name: ", "\\U00110000"])
    ),
    max_size=40,
).map("".join)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(), _LINES, _SIGNS, _SIGNS.map(lambda signs: SOUND + signs)))
def test_no_text_makes_loading_raise(text: str) -> None:
    loaded = load_text({"p": text})
    assert (loaded.playbook is None) == bool(loaded.faults)
    assert all(fault.line >= 1 and fault.column >= 1 and fault.message for fault in loaded.faults)
