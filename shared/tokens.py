"""The only signer and verifier of JWTs; `jose` is imported here alone.

python-jose accepts more than it should (see docs/adr/0003), so this wrapper fixes the algorithm, selects the key by
`kid`, bounds the size before anything is parsed, requires every claim and turns every failure into one error.
"""

import base64
import functools
import hashlib
import hmac
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from jose import jws
from jose.backends.native import HMACKey
from jose.utils import base64url_encode

from shared.clock import Clock, random_bytes, utc_now
from shared.settings import ServiceSettings

ALGORITHM = "HS256"
ISSUER = "communication"
AUDIENCE = "communication"
ACCESS_TYPE = "at+jwt"  # RFC 9068 §2.1
FILE_TYPE = "file+jwt"
COMPACT_JSON = json.JSONEncoder(separators=(",", ":"))
ID_BYTES = 16
MAX_REMEMBERED = 10_000
MAX_TOKEN_LENGTH = 4096
MAX_HEADER_LENGTH = 512  # python-jose overflows the stack on a 2.7 KB header of nested arrays
CLOCK_SKEW_SECONDS = 5
MIN_SECRET_BYTES = 32
# Base64url without padding, and a signature of 32 bytes in its one spelling (RFC 7515 §2).
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
USER_ID = re.compile(r"[1-9][0-9]{0,15}")
PLACEHOLDER = re.compile(r"change.?me|secret.?key|your.?secret|placeholder|example|password|default", re.IGNORECASE)


class InvalidToken(Exception):
    """The token is not one of ours, or no longer good. Deliberately without a reason."""


class WeakSecret(Exception):
    """The service must not start with this secret. The message says why, never the secret."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Who is asking, by which session, until when (seconds since the epoch)."""

    user_id: int
    session_id: UUID
    expires_at: int


class HmacKey(HMACKey):  # type: ignore[misc]  # jose has no types
    """jose's key on the standard library: OpenSSL is asked for its HMAC once, and not for every signature."""

    def __init__(self, key: bytes) -> None:
        super().__init__(key, ALGORITHM)
        self._keyed = hmac.new(key, digestmod=hashlib.sha256)

    def sign(self, msg: bytes) -> bytes:
        mac = self._keyed.copy()
        mac.update(msg)
        return mac.digest()


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One secret of the ring, with the name that tokens call it by."""

    kid: str
    secret: bytes
    key: HmacKey


class KeyRing:
    """Secrets in order: the first signs, all verify. So a secret is rolled without logging anybody out."""

    def __init__(self, secrets: list[str]) -> None:
        if not secrets:
            raise WeakSecret("JWT_SECRET is empty")
        self._keys = {key.kid: key for key in map(_signing_key, secrets)}
        self._derived: dict[tuple[str, str], HmacKey] = {}
        self.current = next(iter(self._keys.values()))

    @property
    def names(self) -> list[str]:
        """The `kid` of every key, the signing one first."""
        return list(self._keys)

    def get(self, kid: str) -> SigningKey | None:
        """The key of that name, if it is in the ring."""
        return self._keys.get(kid)

    def derive(self, purpose: str, kid: str) -> HmacKey:
        """A key for another purpose, so that the signing secret itself is used for JWTs alone."""
        derived = self._derived.get((purpose, kid))
        if derived is None:
            secret = hmac.digest(self._keys[kid].secret, f"derive:{purpose}".encode(), hashlib.sha256)
            derived = self._derived[purpose, kid] = HmacKey(secret)
        return derived


def _signing_key(secret: str) -> SigningKey:
    raw = secret.encode()
    if len(raw) < MIN_SECRET_BYTES:
        raise WeakSecret(f"JWT_SECRET must have at least {MIN_SECRET_BYTES} bytes")
    if PLACEHOLDER.search(secret) or len(set(secret)) < 8 or secret.isdigit():
        raise WeakSecret("JWT_SECRET looks like a placeholder; make one with: openssl rand -base64 48")
    kid = base64.urlsafe_b64encode(hmac.digest(raw, b"kid", hashlib.sha256))[:10].decode()
    return SigningKey(kid, raw, HmacKey(raw))


def load_key_ring(settings: ServiceSettings) -> KeyRing:
    """The ring from `JWT_SECRET`, `JWT_SECRET_FILE`, or a file in `DATA_DIR` that is made on the first run."""
    if settings.jwt_secret is not None:
        text = settings.jwt_secret.get_secret_value()
    else:
        path = settings.jwt_secret_file or settings.data_dir / "jwt_secret"
        if settings.jwt_secret_file is None:
            _create_secret_file(path)
        text = path.read_text()
    return KeyRing([part.strip() for part in text.split(",") if part.strip()])


def _create_secret_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(48)).decode())
        file.flush()
        os.fsync(file.fileno())


@functools.cache  # as few as there are keys and kinds
def _header(kid: str, kind: str) -> bytes:
    """The first part of a token (RFC 7515 §4)."""
    header: bytes = base64url_encode(COMPACT_JSON.encode({"alg": ALGORITHM, "kid": kid, "typ": kind}).encode())
    return header


class Tokens:
    """Issues and verifies the two kinds of JWT: access tokens, and the cookie that opens files."""

    def __init__(self, ring: KeyRing, clock: Clock = utc_now) -> None:
        self._ring = ring
        self._clock = clock
        self._good: dict[tuple[str, str], Claims] = {}

    def issue(self, user_id: int, session_id: UUID, lifetime_seconds: int, kind: str = ACCESS_TYPE) -> str:
        """A signed token that is good for `lifetime_seconds` from now."""
        now = int(self._clock().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(user_id),
            "sid": str(session_id),
            "jti": random_bytes(ID_BYTES).hex(),
            "iat": now,
            "exp": now + lifetime_seconds,
        }
        # RFC 7515 §3.1. `jws.sign` does the same, and makes the header anew for every token.
        key = self._ring.current
        signed = _header(key.kid, kind) + b"." + base64url_encode(COMPACT_JSON.encode(claims).encode())
        token: bytes = signed + b"." + base64url_encode(key.key.sign(signed))
        return token.decode()

    def verify(self, token: str, kind: str = ACCESS_TYPE) -> Claims:
        """The claims of a good token of that kind; anything else raises `InvalidToken`.

        A token that was found good is remembered: it stays so until it expires. Whether its session ended is another
        question, which whoever asks this one asks too (`shared.revocation`).
        """
        known = self._good.get((token, kind))
        if known is not None and self._clock().timestamp() < known.expires_at:
            return known
        try:
            claims = self._verify(token, kind)
        except InvalidToken:
            raise
        except Exception as error:  # jose raises far more than its own errors on hostile input
            raise InvalidToken from error
        if len(self._good) >= MAX_REMEMBERED:
            self._good.clear()
        self._good[token, kind] = claims
        return claims

    def _verify(self, token: str, kind: str) -> Claims:
        if len(token) > MAX_TOKEN_LENGTH or COMPACT.fullmatch(token) is None:
            raise InvalidToken
        header_part, _, _ = token.partition(".")
        if len(header_part) > MAX_HEADER_LENGTH:
            raise InvalidToken
        header = jws.get_unverified_header(token)
        if header.get("alg") != ALGORITHM or header.get("typ") != kind or "crit" in header:
            raise InvalidToken
        key = self._ring.get(header["kid"])
        if key is None:
            raise InvalidToken
        return self._read(json.loads(jws.verify(token, key.key, algorithms=[ALGORITHM])))

    def _read(self, claims: dict[str, Any]) -> Claims:
        now = self._clock().timestamp()
        issued, expires = claims["iat"], claims["exp"]
        good = (
            claims["iss"] == ISSUER
            and claims["aud"] == AUDIENCE
            and type(issued) is int
            and type(expires) is int
            and issued <= now + CLOCK_SKEW_SECONDS
            and claims.get("nbf", issued) <= now + CLOCK_SKEW_SECONDS
            and now < expires  # RFC 7519 §4.1.4: "on or after" is too late
            and isinstance(claims["jti"], str)
            and isinstance(claims["sub"], str)
            and USER_ID.fullmatch(claims["sub"]) is not None
        )
        if not good:
            raise InvalidToken
        return Claims(int(claims["sub"]), UUID(claims["sid"]), expires)
