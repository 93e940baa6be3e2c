"""The path of what is asked of one event -> the source and the id that it may name; either may hold slashes."""

from urllib.parse import unquote

from fastapi import Request

PREFIX = "/v1/events/"
_LONGEST = 700
_NAME = {"type": "string", "minLength": 1, "maxLength": _LONGEST}
# What OpenAPI can say of such a path, which knows no parameter with slashes in it.
NAMED = {
    "parameters": [
        {"name": name, "in": "path", "required": True, "schema": _NAME, "example": example}
        for name, example in (("source", "/typeform/acme/lT4Z3j"), ("id", "r-1001"))
    ]
}


def described(path: str) -> str:
    """Write a routed path as OpenAPI can."""
    return path.replace(f"{PREFIX}{{name}}/", f"{PREFIX}{{source}}/{{id}}/")


def identities(request: Request, suffix: str) -> list[tuple[str, str]]:
    """Read source and id from the path as it was sent, since only there %2F differs from a slash."""
    name = request.path_params["name"]
    sent = request.scope.get("raw_path", b"").decode("latin-1").partition("?")[0].partition(PREFIX)[2]
    pieces = (sent.removesuffix(suffix) or name).split("/")
    source, event_id = unquote("/".join(pieces[:-1])), unquote(pieces[-1])
    if not source or not event_id or len(name) > _LONGEST or not (source + event_id).isprintable():
        return []
    # A proxy may have merged the slash that a source begins with into the one before it.
    return [(source, event_id), *([] if source.startswith("/") else [(f"/{source}", event_id)])]
