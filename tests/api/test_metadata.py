"""The server's metadata (RFC 8414) tells the truth."""

import httpx2

from tests.api.calls import ok, sign_in
from tests.stack.people import Person


def test_every_endpoint_that_it_names_is_there(visitor: httpx2.Client, ann: Person) -> None:
    told = ok(visitor.get("/.well-known/oauth-authorization-server"))
    assert told["issuer"] == str(visitor.base_url).rstrip("/")
    tokens = sign_in(visitor, ann)
    for grant, fields in (
        ("password", {"username": ann.name, "password": ann.password}),
        ("refresh_token", {"refresh_token": tokens["refresh_token"]}),
    ):
        assert grant in told["grant_types_supported"]
        tokens = ok(visitor.post(told["token_endpoint"], data={"grant_type": grant, **fields}))
    assert visitor.post(told["token_endpoint"], data={"grant_type": "authorization_code"}).status_code == 400
    assert visitor.post(told["revocation_endpoint"], data={"token": tokens["refresh_token"]}).status_code == 200
    assert visitor.get(told["service_documentation"]).status_code == 200
