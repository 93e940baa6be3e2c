"""What a person reads before they are known -> a page without scripts, which works in any browser."""

from html import escape
from http import HTTPStatus

from starlette.responses import HTMLResponse

# A page may draw itself with our own files and send its form to us; nothing else comes in or goes out.
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sign in - Feedback Router</title>
<link rel="stylesheet" href="/static/console.css">
<link rel="icon" href="/static/favicon.svg" type="image/svg+xml">
</head>
<body>
<main>
<div class="problem panel">
<h1>Feedback Router</h1>
{said}{provider}<form method="post" action="/login" class="stack">
<p><label for="key">API key</label><br>
<input id="key" name="key" type="password" autocomplete="current-password" required maxlength="200" size="60"></p>
<input type="hidden" name="to" value="{to}">
<p><button type="submit" class="strong">Sign in with the key</button></p>
</form>
</div>
</main>
</body>
</html>
"""


def login_page(
    to: str, *, has_provider: bool, said: str | None = None, status: HTTPStatus = HTTPStatus.OK, wait: int = 0
) -> HTMLResponse:
    """Draw the page that asks who somebody is; `said` is what went wrong before, and `to` where they want to go."""
    target = escape(to, quote=True)
    link = f'<p><a class="button" href="/login?via=provider&amp;to={target}">Sign in with your organisation</a></p>\n'
    headers = {"Content-Security-Policy": CONTENT_POLICY, **({"Retry-After": str(wait)} if wait else {})}
    page = _PAGE.format(
        said="" if said is None else f'<p class="notice bad" role="alert">{escape(said)}</p>\n',
        provider=link if has_provider else "",
        to=target,
    )
    return HTMLResponse(page, status, headers)
