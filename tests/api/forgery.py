"""Access tokens that a stranger, or a confused client, could bring; made with the server's own secret."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from tests.api.calls import Json
from tests.harness.servers import Embedded, Stack


def b64(data: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decoded(segment: str) -> Json:
    """The object in a segment of a token."""
    found: Json = json.loads(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return found


def secret_of(server: Embedded | Stack) -> bytes:
    """What the server signs with."""
    if isinstance(server, Stack):
        text = server.auth.env["JWT_SECRET"]
    else:
        text = (server.data_dir / "jwt_secret").read_text().strip()
    return text.split(",")[0].encode()


class Forger:
    """Signs anything, starting from a good token."""

    def __init__(self, secret: bytes, good: str) -> None:
        self.secret = secret
        self.good = good
        self.header_part, self.claims_part, self.signature = good.split(".")
        self.header, self.claims = decoded(self.header_part), decoded(self.claims_part)

    def sign(self, header: Any, claims: Any, *, key: bytes | None = None, digest: Any = hashlib.sha256) -> str:
        """A token with a true signature over these; text and bytes are taken as they are."""
        signed = f"{self._part(header)}.{self._part(claims)}"
        return f"{signed}.{b64(hmac.digest(self.secret if key is None else key, signed.encode(), digest))}"

    def token(self, header: Json | None = None, claims: Json | None = None, without: tuple[str, ...] = ()) -> str:
        """The good token with some members changed or left out."""
        heads = {k: v for k, v in (self.header | (header or {})).items() if k not in without}
        body = {k: v for k, v in (self.claims | (claims or {})).items() if k not in without}
        return self.sign(heads, body)

    @staticmethod
    def _part(value: Any) -> str:
        if isinstance(value, bytes):
            return b64(value)
        return b64(json.dumps(value).encode())


def forged_tokens(forger: Forger) -> dict[str, str]:
    """Every bad token by its name."""
    good, head, claims, sig = forger.good, forger.header_part, forger.claims_part, forger.signature
    make, now = forger.token, int(time.time())
    alg: Any
    kid: Any
    typ: Any
    crit: Any
    exp: Any
    bad: dict[str, str] = {
        "nothing but dots": "..",
        "one segment": "abc",
        "two segments": f"{head}.{claims}",
        "four segments": f"{good}.{sig}",
        "five segments": f"{head}.{claims}.{sig}.{sig}.{sig}",
        "no signature": f"{head}.{claims}.",
        "no header": f".{claims}.{sig}",
        "no claims": f"{head}..{sig}",
        "short signature": good[:-6],
        "long signature": f"{good}AAAA",
        "padded signature": f"{good}=",
        "other signature": f"{head}.{claims}.{'A' * len(sig)}",
        "signature of another header": f"{b64(b'{}')}.{claims}.{sig}",
        "changed claims": f"{head}.{b64(json.dumps(forger.claims | {'sub': '1'}).encode())}.{sig}",
        "not base64": f"{head}.!!!!.{sig}",
        "dots only": ".....",
        "16 KB of nothing": "A" * 16_000,
        "16 KB token": make(claims={"pad": "x" * 12_000}),
        "nested 2.7 KB header": forger.sign(b'{"alg":"HS256","kid":' + b"[" * 1350 + b"]" * 1350 + b"}", forger.claims),
        "nested claims": forger.sign(forger.header, b"[" * 1500 + b"]" * 1500),
        "non-ASCII claims": forger.sign(forger.header, "їжак".encode("utf-16")),
        "header is a list": forger.sign([], forger.claims),
        "header is null": forger.sign(None, forger.claims),
        "header is no JSON": forger.sign(b"{", forger.claims),
        "claims are a list": forger.sign(forger.header, [forger.claims]),
        "claims are null": forger.sign(forger.header, None),
        "claims are text": forger.sign(forger.header, "claims"),
        "claims are empty": forger.sign(forger.header, {}),
        "claims are no JSON": forger.sign(forger.header, b"\xff{"),
        "huge integer": forger.sign(
            forger.header, json.dumps(forger.claims)[:-1].encode() + b',"x":' + b"9" * 4500 + b"}"
        ),
        "kid is a path": make({"kid": "../../../dev/null"}),
        "kid is SQL": make({"kid": "' UNION SELECT 'x' --"}),
        "key is empty": forger.sign(forger.header, forger.claims, key=b""),
        "key is a guess": forger.sign(forger.header, forger.claims, key=b"secret"),
        "key of the kid": forger.sign(forger.header, forger.claims, key=forger.header["kid"].encode()),
        "HS384": forger.sign(forger.header | {"alg": "HS384"}, forger.claims, digest=hashlib.sha384),
        "HS512": forger.sign(forger.header | {"alg": "HS512"}, forger.claims, digest=hashlib.sha512),
        "HS384 that says HS256": forger.sign(forger.header, forger.claims, digest=hashlib.sha384),
        "jwk in the header": forger.sign(
            forger.header | {"jwk": {"kty": "oct", "k": b64(b"k" * 32)}}, forger.claims, key=b"k" * 32
        ),
        "jku in the header": forger.sign(forger.header | {"jku": "http://127.0.0.1/"}, forger.claims, key=b"k"),
        "b64 false": make({"b64": False, "crit": ["b64"]}),
        "exp is now": make(claims={"exp": now}),
        "exp is past": make(claims={"exp": now - 3600}),
        "issued in the future": make(claims={"iat": now + 7200, "exp": now + 8000}),
        "not before the future": make(claims={"nbf": now + 7200}),
        "exp is 1e400": forger.sign(
            forger.header, json.dumps(forger.claims | {"exp": 0}).replace('"exp": 0', '"exp": 1e400').encode()
        ),
        "exp is NaN": make(claims={"exp": float("nan")}),
        "exp is Infinity": make(claims={"exp": float("inf")}),
    }
    for alg in ("none", "None", "nOnE", "NONE", ""):
        unsigned = f"{b64(json.dumps(forger.header | {'alg': alg}).encode())}.{claims}."
        bad |= {f"alg {alg!r}, unsigned": unsigned, f"alg {alg!r}, signed": make({"alg": alg})}
    for alg in ("RS256", "ES256", "EdDSA", "hs256", ["HS256"], None, 256, {"a": 1}):
        bad[f"alg {alg!r}"] = make({"alg": alg})
    for kid in (None, "", "unknown", 7, ["x"], {}, "x" * 2000, "\x00"):
        bad[f"kid {str(kid)[:9]!r}"] = make({"kid": kid})
    for typ in (None, "JWT", "jwt", "refresh+jwt", "", 7, ["at+jwt"], "at+jwt "):
        bad[f"typ {typ!r}"] = make({"typ": typ})
    for crit in (["exp"], [], "exp", None, {"a": 1}, ["x"] * 50):
        bad[f"crit {str(crit)[:9]!r}"] = make({"crit": crit})
    for name in ("alg", "kid", "typ", "iss", "aud", "sub", "sid", "jti", "iat", "exp"):
        bad[f"without {name}"] = make(without=(name,))
    for exp in ("9999999999", None, [now + 600], {}, True, "", -1, now + 600.5, 1e308, "inf"):
        bad[f"exp {exp!r}"] = make(claims={"exp": exp})
    for name, values in {
        "iss": ("other", None, ["communication"], ""),
        "aud": ("other", None, [], ["other"], 7),
        "sub": ("", "0x1", "-1", "abc", None, True, 1, [1], "1.0", " 1", "٣", "9" * 400),
        "sid": ("", "x", None, 7, [], "' OR 1=1", "\x00"),
        "iat": ("x", None, [], float("inf")),
        "jti": (None, 7, []),
        "nbf": ("x", [], None),
    }.items():
        bad |= {f"{name} {str(value)[:12]!r} {type(value).__name__}": make(claims={name: value}) for value in values}
    return bad
