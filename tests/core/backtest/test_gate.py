"""Gates: what a comparison is too much by, judged on doubles; an unsound one is refused before anything is run."""

from typing import Any

import pytest

from service.core.backtest import Gate, GateFault, Judgement, compile_gate, judge
from service.core.backtest.compare import A_DAY, COUNTED, OF_A_SIDE

TEAMS = ("care", "vip-care")


def side(**figures: Any) -> dict[str, Any]:  # noqa: ANN401 - a figure, or a map of them
    nothing = dict.fromkeys((*COUNTED, *OF_A_SIDE), 0.0)
    teams = {team: dict.fromkeys(COUNTED, 0.0) for team in TEAMS}
    return {**nothing, A_DAY: {"max": 0.0, "mean": 0.0}, "teams": teams, **figures}


def judged(expression: str, old: dict[str, Any], new: dict[str, Any]) -> Judgement:
    gate = compile_gate(expression, TEAMS)
    assert isinstance(gate, Gate)
    return judge(gate, {"old": old, "new": new})


BOTH = "new.interrupts > 1.2 * old.interrupts || new.newly_silent_customers > 0"


@pytest.mark.parametrize(
    ("interrupts", "silent", "because"),
    [
        (120, 0, []),
        (121, 0, [("new.interrupts > 1.2 * old.interrupts", {"new.interrupts": 121.0, "old.interrupts": 100.0})]),
        (90, 1, [("new.newly_silent_customers > 0", {"new.newly_silent_customers": 1.0})]),
        (
            150,
            4,
            [
                ("new.interrupts > 1.2 * old.interrupts", {"new.interrupts": 150.0, "old.interrupts": 100.0}),
                ("new.newly_silent_customers > 0", {"new.newly_silent_customers": 4.0}),
            ],
        ),
    ],
)
def test_a_gate_says_which_of_its_parts_hold_and_by_which_figures(
    interrupts: int, silent: int, because: list[tuple[str, dict[str, float]]]
) -> None:
    new = side(interrupts=float(interrupts), newly_silent_customers=float(silent))
    assert judged(BOTH, side(interrupts=100.0), new) == Judgement(holds=bool(because), because=tuple(because))


@pytest.mark.parametrize(
    ("expression", "holds"),
    [
        ("new.newly_silent_customers == 0", True),
        ("2 * old.interrupts < new.interrupts - 10", True),
        ("new.interrupts / 10 == 3.1", True),
        ("new.interrupts >= 1.5e1", True),
        ("old.interrupts == 10 ? new.interrupts > 30 || false : false", True),
        ("(new.interrupts > 40 || new.alerts > 2) && true", False),
        ("new.interrupts_per_team_day.max > 4", True),
        ("new.teams['vip-care'].interrupts > 2 * old.teams.care.interrupts", True),
        ("new.teams.exists(t, new.teams[t].interrupts > 1.5 * old.teams[t].interrupts)", True),
        ("new.rejected > old.rejected // 5 more are too many\n", False),
    ],
)
def test_whole_numbers_are_figures_too(expression: str, holds: bool) -> None:  # noqa: FBT001 - what is expected
    teams = {team: dict.fromkeys(COUNTED, 0.0) for team in TEAMS} | {"vip-care": dict.fromkeys(COUNTED, 1.0)}
    new = side(interrupts=31.0, teams=teams, interrupts_per_team_day={"max": 5.0, "mean": 1.0})
    assert judged(expression, side(interrupts=10.0), new).holds is holds


def test_a_figure_of_one_team_is_named_by_its_path() -> None:
    teams = {team: dict.fromkeys(COUNTED, 3.0) for team in TEAMS}
    assert judged("new.teams['vip-care'].interrupts > 2", side(), side(teams=teams)) == Judgement(
        holds=True,
        because=(("new.teams['vip-care'].interrupts > 2", {"new.teams.vip-care.interrupts": 3.0}),),
    )


def test_what_can_not_be_judged_does_not_pass_as_harmless() -> None:
    teams = {"care": {"interrupts": 1.0}}
    assert judged('new.teams["care"].alerts > 0', side(), side(teams=teams)) == Judgement(holds=None)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "this is not CEL"),
        ("new.interrupts >", "this is not CEL"),
        ("new.interrupts", "it must give true or false; 'new.interrupts' gives a value of type float"),
        ("new.interrupts > 0 || old.typo > 3", "old.typo is not a figure; use one of alerts, consumed"),
        ("interrupts > 2", "'interrupts' is not known here; the variables are old, new, as in old.interrupts"),
        ("new == old", "write new.<figure>, with a figure's name behind a dot"),
        ("new.interrupts_per_team_day > 2", "write new.interrupts_per_team_day.max or"),
        ("new.teams['refunds'].alerts > 2", "'refunds' is not a team of either playbook; they have care, vip-care"),
        ("new.teams.refunds.alerts > 2", "'refunds' is not a team of either playbook"),
        ("new.teams['care'].consumed > 2", "new.teams['care'].consumed is not a figure of a team"),
        ("new.teams.exists(t, new.teams[t + 'x'].alerts > 2)", "it asks for a team that neither playbook has"),
        ("new.interrupts > 'a'", "it puts values of different types together"),
        ("new.interrupts % 2 == 0", "it puts values of different types together"),
        ("new.interrupts.lower() == 1", "'lower' is not a function"),
        ("new.interrupts > 1 " + "|| new.alerts > 1 " * 60, "at most 1000 characters"),
    ],
)
def test_an_unsound_gate_is_refused_with_what_to_do(expression: str, message: str) -> None:
    fault = compile_gate(expression, TEAMS)
    assert isinstance(fault, GateFault)
    assert message in fault.message
