"""Swagger UI from this server: the stock page needs a CDN and an inline script, and our CSP allows neither."""

from collections.abc import Callable
from pathlib import Path

import fastapi_offline
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

ASSETS = Path(fastapi_offline.__file__).parent / "static"

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><link rel="stylesheet" href="{docs}/assets/swagger-ui.css"></head>
<body><div id="swagger-ui"></div>
<script src="{docs}/assets/swagger-ui-bundle.js"></script><script src="{docs}/start.js"></script></body>
</html>
"""
SCRIPT = """SwaggerUIBundle({{
  url: "{prefix}/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  persistAuthorization: false,
}});
"""
CSP = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'"
)


def install_docs(app: FastAPI, prefix: str) -> list[str]:
    """Serve Swagger UI at `{prefix}/docs`. Returns the paths that are public with it."""
    docs = f"{prefix}/docs"
    page = PAGE.format(title=app.title, docs=docs)
    script = SCRIPT.format(prefix=prefix)

    @app.get(docs, include_in_schema=False)
    async def swagger_ui() -> HTMLResponse:
        return HTMLResponse(page, headers={"Content-Security-Policy": CSP, "Cache-Control": "no-cache"})

    @app.get(f"{docs}/start.js", include_in_schema=False)
    async def swagger_start() -> Response:
        return Response(script, media_type="text/javascript", headers={"Cache-Control": "no-cache"})

    assets = {f"{docs}/assets/{name}": ASSETS / name for name in ("swagger-ui.css", "swagger-ui-bundle.js")}
    for path, file in assets.items():
        app.router.routes.append(Route(path, _file_endpoint(file)))
    return [f"{prefix}/openapi.json", docs, f"{docs}/start.js", *assets]


def _file_endpoint(file: Path) -> Callable[[Request], Response]:
    def endpoint(_: Request) -> Response:
        return FileResponse(file, headers={"Cache-Control": "public, max-age=86400"})

    return endpoint
