"""Who is asking, as a dependency: FastAPI's own OAuth 2 scheme on top of what the middleware found out."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import OAuth2PasswordBearer

from shared.errors import Unauthenticated
from shared.tokens import Claims

# For OpenAPI and Swagger's Authorize button; the token itself was read and verified by the middleware.
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/api/auth/token", refreshUrl="/api/auth/token", auto_error=False)


async def current_user(request: Request, _token: Annotated[str | None, Depends(oauth2_scheme)]) -> Claims:
    """The signed-in person, or 401. The middleware refuses earlier; this keeps a route private on its own, too."""
    claims: Claims | None = request.state.claims
    if claims is None:
        raise Unauthenticated(token_was_given=_token is not None)
    return claims
