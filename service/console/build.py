"""Services -> the API with the console's pages on it, and problems that a browser meets as pages."""

from starlette.types import ASGIApp

from service.api import Services, create_api
from service.console.faults import PagesOfProblems
from service.console.pages import ROUTERS


def create_console(services: Services) -> ASGIApp:
    """Build the app that browsers and programs ask alike. It opens and closes nothing."""
    return PagesOfProblems(create_api(services, ROUTERS))
