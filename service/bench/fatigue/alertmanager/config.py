"""What is to be posted -> an Alertmanager's configuration: a receiver for each team, the keys of our alerts as groups.

It is JSON, which is YAML. A group is a team and what is in the key; a route of the playbook whose timers differ from
another's of the same team has a node of its own, since an Alertmanager's timers belong to its nodes.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from service.bench.fatigue.alertmanager.feed import KEY, Post, timers
from service.core.pipeline.rules import Rules

NOBODY = "nobody"


def config(posts: Iterable[Post], rules: Rules, url: str, scale: float) -> dict[str, Any]:
    """Build the configuration; each team's webhook is its name below `url`, durations are divided by `scale`."""
    labels = [dict(post.labels) for post in posts]
    teams = sorted({one["team"] for one in labels})
    groups = sorted({name for one in labels for name in one if name.startswith(KEY)})
    nodes: dict[tuple[str, tuple[tuple[str, float], ...]], set[str]] = {}
    for one in labels:
        nodes.setdefault((one["team"], tuple(timers(one["route"], rules).items())), set()).add(one["route"])
    return {
        "route": {
            "receiver": NOBODY,
            "group_by": groups or [f"{KEY}process"],
            **_durations(timers("", rules), scale),
            "routes": [
                {
                    "receiver": team,
                    "matchers": [f'team="{team}"', f'route=~"{"|".join(sorted(routes))}"'],
                    **_durations(dict(timed), scale),
                }
                for (team, timed), routes in sorted(nodes.items(), key=lambda item: item[0])
            ],
        },
        "receivers": [
            {"name": NOBODY},
            *(
                {"name": team, "webhook_configs": [{"url": f"{url}/{team}", "send_resolved": True, "max_alerts": 0}]}
                for team in teams
            ),
        ],
    }


def _durations(seconds: Mapping[str, float], scale: float) -> dict[str, str]:
    # An interval of nothing is refused.
    return {name: f"{max(1, round(1_000 * value / scale))}ms" for name, value in seconds.items()}
