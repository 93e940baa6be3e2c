"""What the pages of a module need of who asks, as the JSON routes say it."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from service.api.needs import needs
from service.core.access import Permission


def pages(
    permission: Permission | None = Permission.READ, *, everywhere: bool = False, verbatims: bool = False
) -> APIRouter:
    """Begin a router of pages; programs are told of none of them."""
    return APIRouter(
        include_in_schema=False,
        default_response_class=HTMLResponse,
        dependencies=[needs(permission, everywhere=everywhere, verbatims=verbatims)],
    )
