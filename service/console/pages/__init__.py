"""The pages, each a router beside those of the JSON routes."""

from service.console.pages import (
    alerts,
    ask,
    books,
    dead_letters,
    playbooks,
    reviews,
    scorecards,
    silences,
    static,
    teams,
)

ROUTERS = (
    *(one.router for one in (teams, alerts, reviews, scorecards, books, silences, dead_letters, ask)),
    # An address of the draft would be taken for a digest by the route of these.
    *(alerts.acting, playbooks.operating, playbooks.router, dead_letters.operating, static.router, static.keeping),
)
