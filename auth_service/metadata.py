"""Where other clients find out what this server can do (RFC 8414)."""

from typing import Any

from fastapi import Request

from shared.routing import Router


def metadata_router(prefix: str) -> Router:
    """`GET /.well-known/oauth-authorization-server`."""
    router = Router(tags=["metadata"])

    @router.get("/.well-known/oauth-authorization-server")
    async def server_metadata(request: Request) -> dict[str, Any]:
        """The endpoints and what they support."""
        issuer = str(request.base_url).rstrip("/")
        return {
            "issuer": issuer,
            "token_endpoint": f"{issuer}{prefix}/token",
            "revocation_endpoint": f"{issuer}{prefix}/revoke",
            "grant_types_supported": ["password", "refresh_token"],
            "response_types_supported": [],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "service_documentation": f"{issuer}{prefix}/docs",
        }

    return router
