"""The pages, each a router beside those of the JSON routes."""

from service.console.pages import alerts, static, teams

ROUTERS = (teams.router, alerts.router, alerts.acting, static.router, static.keeping)
