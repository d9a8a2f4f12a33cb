"""The account endpoints."""

from auth_service.accounts.schemas import AccountDeletion, Me, PasswordChange, ProfileChange, Registration
from auth_service.deps import AccountsDep, CurrentUser, DeviceDep
from shared.routing import Router
from shared.schemas import User

router = Router(tags=["accounts"])


@router.post("/api/auth/register", status_code=201)
async def register(request: Registration, accounts: AccountsDep, device: DeviceDep) -> User:
    """Make an account."""
    me = await accounts.register(request, device.ip)
    return User(id=me.id, username=me.username, display_name=me.display_name, created_at=me.created_at)


@router.post("/api/auth/password", status_code=204)
async def change_password(request: PasswordChange, me: CurrentUser, accounts: AccountsDep) -> None:
    """Change my password; it ends all my other sessions."""
    await accounts.change_password(me, request.current_password, request.new_password)


@router.get("/api/users/me")
async def read_me(me: CurrentUser, accounts: AccountsDep) -> Me:
    """My account."""
    return await accounts.me(me)


@router.patch("/api/users/me")
async def change_me(request: ProfileChange, me: CurrentUser, accounts: AccountsDep) -> Me:
    """Change what others see of me."""
    return await accounts.change_profile(me, request)


@router.delete("/api/users/me", status_code=204)
async def delete_me(request: AccountDeletion, me: CurrentUser, accounts: AccountsDep) -> None:
    """Delete my account for good."""
    await accounts.delete(me, request.password)
