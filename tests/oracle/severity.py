"""How bad one feedback is: deploy/docs/severity.md, in the order of that page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.oracle.reading import number, scale
from tests.oracle.wording import folded, met_in_language

BANDS = ("info", "low", "medium", "high", "critical")
_FROM = {"critical": 80, "high": 60, "medium": 30, "low": 15, "info": 0}
_ONE_CONTACT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the words of a text say: how bad it sounds (s), the sentiment between -1 and 1, and the classes met."""

    badness: float | None = None
    sentiment: float | None = None
    hot: bool = False
    override: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    severity: str
    score: float
    negative: bool
    contacts: int
    flags: frozenset[str]


def goodness(kind: str, metric: Mapping[str, Any]) -> float:
    """Say how far up its own scale a score is, from 0 for the worst to 1 for the best."""
    low, high = scale(metric, kind)
    raw = number(metric["raw"])
    lower_is_better = metric.get("orientation") == "lower_better"
    return ((high - raw) if lower_is_better else (raw - low)) / (high - low)


def negativity(kind: str, metric: Mapping[str, Any]) -> float:
    """Move the score onto its kind's usual scale, then turn it into v."""
    share = goodness(kind, metric)
    if kind == "nps":
        return max(0.0, (7 - 10 * share) / 7)
    if kind == "ces":
        return max(0.0, (5 - (1 + 6 * share)) / 4)
    if kind == "binary":
        return 0.7 if share < 0.5 else 0.0
    return max(0.0, (4 - (1 + 4 * share)) / 3)


def heard(text: str, language: str, rules: Mapping[str, Any]) -> Words:
    text = folded(text)
    bad = met_in_language({lang: words["negative"] for lang, words in rules["sentiment"].items()}, text, language)
    good = met_in_language({lang: words["positive"] for lang, words in rules["sentiment"].items()}, text, language)
    n, p = len(bad), len(good)
    return Words(
        badness=round((n + 0.5) / (n + p + 1), 6) if n + p else None,
        sentiment=round((p - n) / (p + n), 6) if n + p else None,
        hot=any(met_in_language(one["words"], text, language) for one in rules["hot_words"]),
        override=any(met_in_language(one["words"], text, language) for one in rules["overrides"]),
    )


def contacts(earlier: Sequence[datetime], at: datetime, window: timedelta) -> int:
    """Count the contacts up to this one; what is said within a quarter of an hour is one."""
    count, last = 1, None
    for moment in sorted(earlier):
        inside = at - window < moment < at - _ONE_CONTACT
        if inside and (last is None or moment - last > _ONE_CONTACT):
            count, last = count + 1, moment
    return count


def judge(
    *,
    v: float | None,
    scored: bool,
    words: Words,
    tier: str | None,
    reopened: int,
    count: int,
    rules: Mapping[str, Any],
) -> Judgement:
    s, bad = words.badness, v or 0.0
    r = min(1.0, (count - 1 + reopened) / 2)
    t = 1 if tier in rules["priority_tiers"] else 0
    k = 1 if words.hot else 0
    mild = (1 - 0.6 * bad) * (1 - 0.4 * (s or 0.0)) * (1 - 0.3 * r) * (1 - 0.25 * t) * (1 - 0.4 * k)
    score = round(100 * (1 - mild), 6)
    severity = next(band for band, bound in _FROM.items() if score >= bound)
    flags = set()
    if scored and v is not None and s is not None and ((v == 0 and s >= 0.8) or (v >= 0.8 and 1 - s >= 0.8)):
        flags.add("score_text_conflict")
        severity = min(severity, "medium", key=BANDS.index)
    negative = (
        v > rules.get("negative_above", 0.3) if v is not None else (s or 0.0) >= rules.get("negative_text_from", 0.7)
    )
    if words.override:
        flags.add("override")
        severity, negative = "critical", True
    return Judgement(severity=severity, score=score, negative=negative, contacts=count, flags=frozenset(flags))
