"""The session endpoints: OAuth 2 for any client, cookies for browsers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Form, Request, Response

from auth_service.deps import CurrentUser, SessionsDep, SettingsDep, device
from auth_service.errors import InvalidGrant, InvalidRequest, OAuthError, OAuthWrapped
from auth_service.sessions import cookies
from auth_service.sessions.forms import TOKEN_FORM, read_pairs, require_form, token_form
from auth_service.sessions.schemas import BrowserTokens, Session, TokenPair
from auth_service.sessions.service import Grant, Sessions
from shared.errors import Problem, as_problem, problem_response
from shared.routing import ContractRoute, Handler, PlainRoute, Router
from shared.tokens import COMPACT_JSON


def _oauth(handle: Handler) -> Handler:
    """The same, and every error has the members of RFC 6749 §5.2 too."""

    async def oauth(request: Request) -> Response:
        try:
            return await handle(request)
        except OAuthError:
            raise
        except Exception as error:
            problem = as_problem(error)
            if problem.status >= 500 and problem.status != 503:
                raise
            raise (InvalidRequest() if problem.status == 422 else OAuthWrapped(problem)) from error

    return oauth


class TokenRoute(PlainRoute):
    """A route that this service is asked for all day."""

    def handler(self, endpoint: Handler) -> Handler:
        return _oauth(endpoint)


class RevocationRoute(ContractRoute):
    """A route that differs from others in its errors alone."""

    def get_route_handler(self) -> Handler:
        return _oauth(super().get_route_handler())


tokens = Router(prefix="/api/auth", tags=["sessions"], route_class=TokenRoute)
revocation = Router(prefix="/api/auth", tags=["sessions"], route_class=RevocationRoute)
router = Router(prefix="/api/auth", tags=["sessions"])


async def _sign_in(request: Request, sessions: Sessions, *grants: str) -> Grant:
    """By any of these grants. A try to sign in is counted, whatever is wrong with its fields; a refresh is none."""
    here = device(request)
    pairs = await read_pairs(request)
    try:
        form = token_form(request, pairs)
        form.require_grant(*grants)
        is_refresh = form.grant_type == "refresh_token"
        form.require(*(("refresh_token",) if is_refresh else ("username", "password")))
    except Problem:
        if ("grant_type", "refresh_token") not in pairs:
            await sessions.count_malformed_login(here)
        raise
    if is_refresh:
        return await sessions.refresh(form.refresh_token, here)
    return await sessions.sign_in(form.username, form.password, here)


@tokens.post("/token", response_model=TokenPair, openapi_extra=TOKEN_FORM)
async def create_token(request: Request) -> Response:
    """Sign in, or turn a refresh token. For first-party clients: the password grant is not for other people's apps."""
    grant = await _sign_in(request, request.app.state.sessions, "password", "refresh_token")
    return _answer(grant, refresh_token=grant.refresh_token)


def _answer(grant: Grant, **more: str) -> Response:
    """`BrowserTokens` and more. Written by hand: a model's own code is touched for nothing else (docs/adr/0022)."""
    tokens = {
        "access_token": grant.access_token,
        "token_type": "bearer",
        "expires_in": grant.expires_in,
        "session_expires_at": grant.session_expires_at.isoformat().replace("+00:00", "Z"),
        **more,
    }
    return Response(COMPACT_JSON.encode(tokens), media_type="application/json", headers={"Cache-Control": "no-store"})


@tokens.post("/login", response_model=BrowserTokens, openapi_extra=TOKEN_FORM)
async def login(request: Request) -> Response:
    """Sign in from a browser: the refresh token goes into a cookie."""
    return _to_browser(request, await _sign_in(request, request.app.state.sessions, "password"))


@tokens.post("/refresh", response_model=BrowserTokens)
async def refresh(request: Request) -> Response:
    """Turn the refresh token in the cookie."""
    sessions: Sessions = request.app.state.sessions
    cookies.require_own_page(request, request.app.state.settings.allowed_origins)
    token = cookies.read(request)
    if token is None:
        raise InvalidGrant
    try:
        grant = await sessions.refresh(token, device(request))
    except InvalidGrant as error:
        refusal = problem_response(error, request.state.request_id)
        cookies.clear(request, refusal)
        return refusal
    return _to_browser(request, grant)


def _to_browser(request: Request, grant: Grant) -> Response:
    answer = _answer(grant)
    cookies.write(request, answer, grant.refresh_token, grant.session_expires_at)
    return answer


@router.post("/logout", status_code=204)
async def logout(
    sessions: SessionsDep,
    settings: SettingsDep,
    request: Request,
    response: Response,
    refresh_token: Annotated[str | None, Form()] = None,
) -> None:
    """End this session, whatever state the credential is in."""
    claims, cookie = request.state.claims, cookies.read(request)
    if cookie is not None and claims is None and refresh_token is None:
        cookies.require_own_page(request, settings.allowed_origins)
    if claims is not None:
        await sessions.sign_out(session_id=claims.session_id)
    if refresh_token is not None:
        await sessions.sign_out(token=refresh_token)
    if cookie is not None and cookies.is_own_page(request, settings.allowed_origins):
        await sessions.sign_out(token=cookie)
        cookies.clear(request, response)


@revocation.post("/revoke", dependencies=[Depends(require_form)])
async def revoke(sessions: SessionsDep, token: Annotated[str, Form()]) -> None:
    """End the session of a refresh or access token (RFC 7009); unknown tokens are fine, and so is any hint."""
    await sessions.sign_out(token=token)


@router.get("/sessions")
async def list_sessions(me: CurrentUser, sessions: SessionsDep) -> list[Session]:
    """Where I am signed in."""
    return await sessions.living(me.user_id, me.session_id)


@router.delete("/sessions/{session_id:uuid}", status_code=204)
async def end_session(session_id: UUID, me: CurrentUser, sessions: SessionsDep) -> None:
    """Sign one device out."""
    await sessions.end(me.user_id, session_id)


@router.delete("/sessions", status_code=204)
async def end_other_sessions(me: CurrentUser, sessions: SessionsDep) -> None:
    """Sign all other devices out."""
    await sessions.end_others(me.user_id, me.session_id)
