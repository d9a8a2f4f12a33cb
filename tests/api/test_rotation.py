"""The rotation of refresh tokens: parallel use is one rotation, a copy in other hands ends the session."""

import time
from functools import partial
from typing import Any

import httpx2
import pytest

from tests.api.calls import bearer, in_parallel, is_over, oauth_problem, ok, refresh, sign_in
from tests.api.quick import GRACE_SECONDS, Quick
from tests.stack.people import Person


class Family:
    """A session and what its refresh tokens turn into."""

    def __init__(self, client: httpx2.Client, person: Person) -> None:
        self.client = client
        self.start = sign_in(client, person)
        self.first: str = self.start["refresh_token"]
        self.access: str = self.start["access_token"]

    def turn(self, token: str) -> str:
        answer: dict[str, Any] = ok(refresh(self.client, token))
        assert answer["session_expires_at"] == self.start["session_expires_at"], "the end is absolute"
        self.access = answer["access_token"]
        return str(answer["refresh_token"])

    def is_reuse(self, token: str) -> None:
        oauth_problem(refresh(self.client, token), 400, "invalid_grant", "token_reuse")

    def is_dead(self, token: str) -> None:
        oauth_problem(refresh(self.client, token), 400, "invalid_grant")


@pytest.fixture
def family(ann: Person, visitor: httpx2.Client) -> Family:
    return Family(visitor, ann)


def test_the_current_token_is_rotated(family: Family, ann: Person) -> None:
    second = family.turn(family.first)
    third = family.turn(second)

    assert len({family.first, second, third}) == 3
    assert ok(family.client.get("/api/users/me", headers=bearer(family.access)))["id"] == ann.id


def test_within_the_grace_the_predecessor_brings_the_same_successor(family: Family) -> None:
    second = family.turn(family.first)
    assert [family.turn(family.first) for _ in range(3)] == [second] * 3

    third = family.turn(second)
    assert family.turn(second) == third
    family.turn(third)


def test_twenty_parallel_refreshes_are_one_rotation(family: Family, ann: Person) -> None:
    sessions = len(ok(ann.client.get("/api/auth/sessions")))

    answers = in_parallel([lambda: refresh(family.client, family.first)] * 20)

    assert [answer.status_code for answer in answers] == [200] * 20
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1
    assert len(ok(ann.client.get("/api/auth/sessions"))) == sessions
    for answer in answers:
        ok(family.client.get("/api/users/me", headers=bearer(answer.json()["access_token"])))
    family.turn(answers[0].json()["refresh_token"])


def test_parallel_rotations_stay_one_chain_round_after_round(family: Family) -> None:
    token = family.first
    for _ in range(8):
        answers = in_parallel([partial(refresh, family.client, token)] * 5)
        assert [answer.status_code for answer in answers] == [200] * 5
        (token,) = {answer.json()["refresh_token"] for answer in answers}


def test_an_older_ancestor_is_reuse_even_within_the_grace(
    family: Family, ann: Person, visitor: httpx2.Client, chat_urls: list[str]
) -> None:
    other = Family(visitor, ann)
    second = family.turn(family.first)
    third = family.turn(second)

    family.is_reuse(family.first)

    assert is_over(chat_urls, family.access)
    assert is_over(chat_urls, family.start["access_token"])
    for token in (family.first, second, third):
        family.is_dead(token)
    ok(visitor.get("/api/conversations", headers=bearer(other.access)))
    other.turn(other.first)


def test_a_logout_wins_every_race_with_refreshes(ann: Person, visitor: httpx2.Client, chat_urls: list[str]) -> None:
    family = Family(visitor, ann)
    form = {"refresh_token": family.first}

    *answers, logout = in_parallel(
        [lambda: refresh(visitor, family.first)] * 6 + [lambda: visitor.post("/api/auth/logout", data=form)]
    )

    assert logout.status_code == 204
    for answer in answers:
        assert answer.status_code in (200, 400)
        if answer.status_code == 200:
            assert is_over(chat_urls, answer.json()["access_token"])
            family.is_dead(answer.json()["refresh_token"])


def test_after_the_grace_it_depends_on_whether_the_successor_was_used(hasty: Person, quick: Quick) -> None:
    families = [Family(hasty.client, hasty) for _ in range(5)]
    lost, superseded, used, late, twice = families
    seconds = [family.turn(family.first) for family in families]
    ok(httpx2.get(f"{quick.chat_url}/api/conversations", headers=bearer(lost.access)))  # does not count as use
    used_third = used.turn(seconds[2])
    late_third = late.turn(seconds[3])
    time.sleep(GRACE_SECONDS + 0.3)

    # The answer was lost: a sibling, which works.
    sibling = lost.turn(lost.first)
    assert sibling != seconds[0]
    lost.turn(sibling)
    lost.is_reuse(lost.first)

    # The sibling supersedes the token that nobody used.
    sibling = superseded.turn(superseded.first)
    superseded.is_reuse(seconds[1])
    superseded.is_dead(sibling)

    # The successor was used: somebody has a copy.
    used.is_reuse(used.first)
    used.is_dead(used_third)

    # The direct predecessor of a token that nobody used, one generation on.
    late_sibling = late.turn(seconds[3])
    assert late_sibling != late_third
    late.is_reuse(late_third)
    late.is_dead(late_sibling)

    # Lost twice. Within the new grace it is the same sibling again.
    sibling = twice.turn(twice.first)
    assert twice.turn(twice.first) == sibling
    time.sleep(GRACE_SECONDS + 0.3)
    again = twice.turn(twice.first)
    assert again not in (sibling, seconds[4])
    twice.is_reuse(sibling)
    twice.is_dead(again)


def test_a_thief_and_the_owner_do_not_both_stay(hasty: Person) -> None:
    family = Family(hasty.client, hasty)
    owner = thief = family.first
    for _ in range(3):
        owner_answer = refresh(hasty.client, owner)
        time.sleep(GRACE_SECONDS + 0.2)
        thief_answer = refresh(hasty.client, thief)
        if owner_answer.status_code != 200 or thief_answer.status_code != 200:
            break
        owner, thief = owner_answer.json()["refresh_token"], thief_answer.json()["refresh_token"]
    else:
        pytest.fail("both still have a session after three rounds")
    family.is_dead(owner)
    family.is_dead(thief)
