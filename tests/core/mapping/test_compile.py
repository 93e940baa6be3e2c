from service.core.mapping import CompiledSource, SourceFault, compile_source
from service.core.playbook.sources import Source

SOURCE = {"kind": "survey", "subject": "id"}


def faults(**parts: object) -> tuple[SourceFault, ...]:
    compiled = compile_source("tool", Source.model_validate({**SOURCE, **parts}))
    assert not isinstance(compiled, CompiledSource)
    return compiled


def test_a_source_is_called_by_its_name_unless_it_says_otherwise() -> None:
    for parts, uri in (({}, "/tool"), ({"source_uri": "/typeform/acme"}, "/typeform/acme")):
        compiled = compile_source("tool", Source.model_validate({**SOURCE, **parts}))
        assert isinstance(compiled, CompiledSource)
        assert compiled.uri == uri


def test_every_fault_is_told_with_its_place() -> None:
    found = faults(
        id=[{"join": ["a", "b["]}],
        texts=[{"value": {"paths": ["c", "d]"]}}],
        customer={"ref": {"cel": "recrod.id"}},
        scores=[
            {
                "kind": "nps",
                "value": "score",
                "scale_min": 0,
                "scale_max": 10,
                "orientation": "higher_better",
                "when": "record.kind ==",
            }
        ],
        recorded_when="record.a.exists(x, record.b.exists(y, y == x))",
        embedded="a[0]",
        ignore=["a", "b[*]"],
    )
    assert {fault.where for fault in found} == {
        ("id", 0, "join", 1, "path"),
        ("texts", 0, "value", "paths", 1),
        ("customer", "ref", "cel"),
        ("scores", 0, "when"),
        ("recorded_when",),
        ("embedded",),
        ("ignore", 1),
    }


def test_a_path_that_does_not_read_is_shown_with_its_place() -> None:
    assert faults(subject="answers[]") == (
        SourceFault(
            where=("subject", "path"),
            message="a name is missing, at character 9 of 'answers[]'",
        ),
    )


def test_only_the_payload_can_be_asked_for() -> None:
    (fault,) = faults(subject={"cel": "feedback.id"})
    assert fault.where == ("subject", "cel")
    assert "record" in fault.message


def test_an_instance_without_a_process_is_refused() -> None:
    assert faults(instance={"id": "number"}) == (
        SourceFault(where=("instance",), message="a process instance needs a process: give one here or to the source"),
    )
