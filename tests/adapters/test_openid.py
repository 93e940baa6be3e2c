"""What an OpenID provider says is believed where all of it holds; over real HTTP, with real signatures."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from service.adapters.openid import Client, OpenIdProvider
from service.ports import Attempt, NotVouchedError, OutOfReachError, Vouched
from tests.api.provider import CLIENT_ID, CLIENT_SECRET, TestProvider, new_key, provider_running

ATTEMPT = Attempt(state="s" * 43, nonce="n" * 43, verifier="v" * 43)
ZOE = Vouched(subject="7", name="zoe", groups=("drivers", "everybody"))


@pytest.fixture
async def provider() -> AsyncIterator[TestProvider]:
    async with provider_running() as one:
        yield one


@pytest.fixture
async def ours(provider: TestProvider) -> AsyncIterator[Callable[..., OpenIdProvider]]:
    async with httpx.AsyncClient() as http:

        def made(**more: Any) -> OpenIdProvider:  # noqa: ANN401 - what the adapter takes
            given = {
                "issuer": provider.issuer,
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "redirect_uri": "http://localhost/login/callback",
                "role_claim": "groups",
            }
            client = Client(**{name: more.pop(name, value) for name, value in given.items()})
            return OpenIdProvider(client, http, **more)

        yield made


async def signed_in(provider: TestProvider, ours: OpenIdProvider, attempt: Attempt = ATTEMPT) -> Vouched:
    """Sign in, coming back for `attempt`, whichever one began."""
    code = dict(parse_qsl(provider.signs_in(await ours.address(ATTEMPT))))["code"]
    return await ours.vouched(code, attempt)


async def refused(provider: TestProvider, ours: OpenIdProvider, attempt: Attempt = ATTEMPT) -> str:
    with pytest.raises(NotVouchedError) as fault:
        await signed_in(provider, ours, attempt)
    return str(fault.value)


async def test_a_person_is_known_by_what_the_provider_signs(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    assert await signed_in(provider, ours()) == ZOE


async def test_a_code_counts_once(provider: TestProvider, ours: Callable[..., OpenIdProvider]) -> None:
    one = ours()
    code = dict(parse_qsl(provider.signs_in(await one.address(ATTEMPT))))["code"]
    await one.vouched(code, ATTEMPT)
    with pytest.raises(NotVouchedError, match="does not take the code"):
        await one.vouched(code, ATTEMPT)


async def test_a_code_is_of_no_use_without_its_attempt_s_verifier(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    other = Attempt(state=ATTEMPT.state, nonce=ATTEMPT.nonce, verifier="w" * 43)
    assert await refused(provider, ours(), other) == "the provider does not take the code"


async def test_a_token_of_another_attempt_is_refused(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    other = Attempt(state=ATTEMPT.state, nonce="m" * 43, verifier=ATTEMPT.verifier)
    assert await refused(provider, ours(), other) == "the ID token does not hold: invalid_claim"


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"aud": "another"}, "invalid_claim"),
        ({"aud": ["another", "third"]}, "invalid_claim"),
        ({"aud": [CLIENT_ID, "another"], "azp": "another"}, "invalid_claim"),
        ({"aud": None}, "missing_claim"),
        ({"iss": "https://example.org"}, "invalid_claim"),
        ({"iss": None}, "missing_claim"),
        pytest.param({"exp": int(time.time()) - 120}, "expired_token", id="over"),
        ({"exp": None}, "missing_claim"),
        pytest.param({"iat": int(time.time()) + 600}, "invalid_claim", id="of the future"),
        pytest.param({"nbf": int(time.time()) + 600}, "invalid_claim", id="not yet"),
        ({"nonce": "wrong"}, "invalid_claim"),
        ({"nonce": None}, "missing_claim"),
        ({"sub": None}, "missing_claim"),
        ({"at_hash": "wrong"}, "invalid_claim"),
    ],
    ids=str,
)
async def test_a_token_whose_claims_do_not_hold_is_refused(
    provider: TestProvider, ours: Callable[..., OpenIdProvider], claims: dict[str, Any], why: str
) -> None:
    provider.claims = claims
    assert await refused(provider, ours()) == f"the ID token does not hold: {why}"


async def test_a_token_of_several_audiences_names_us_as_the_party(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    provider.claims = {"aud": [CLIENT_ID, "another"], "azp": CLIENT_ID}
    assert await signed_in(provider, ours()) == ZOE


async def test_a_key_that_the_provider_took_into_use_is_fetched(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    one = ours()
    await signed_in(provider, one)
    await signed_in(provider, one)
    asked = provider.keys_asked
    provider.rotate("second")
    assert (await signed_in(provider, one), asked, provider.keys_asked) == (ZOE, 1, 2)


async def test_a_key_that_the_provider_took_back_is_believed_for_an_hour_at_most(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    clock = [0.0]
    one, old = ours(monotonic=lambda: clock[0]), provider.key
    await signed_in(provider, one)
    provider.rotate("second")
    provider.key, clock[0] = old, 3_600.0
    assert (await refused(provider, one)).startswith("the ID token does not hold: invalid_key_id")


async def test_another_key_under_the_same_name_proves_nothing(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    provider.key = new_key("first")
    assert await refused(provider, ours()) == "the ID token does not hold: bad_signature"


async def test_a_token_under_a_secret_that_is_shared_proves_nothing(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    provider.key = OctKey.generate_key(256, {"kid": "first"})
    provider.published, provider.header = [provider.key], {"alg": "HS256"}
    assert await refused(provider, ours()) == "the ID token does not hold: unsupported_algorithm"


async def test_a_provider_that_signs_with_rsa_is_understood(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "r"})
    provider.published, provider.header = [new_key("other"), provider.key], {"alg": "RS256"}
    assert await signed_in(provider, ours()) == ZOE


@pytest.mark.parametrize(
    ("claim", "claims", "groups"),
    [
        ("groups", {"groups": "drivers"}, ("drivers",)),
        ("groups", {"groups": None}, ()),
        ("groups", {"groups": [1, None, "drivers", {}]}, ("drivers",)),
        ("realm.roles", {"realm": {"roles": ["a"]}}, ("a",)),
        ("realm.roles", {"realm.roles": ["b"], "realm": {"roles": ["a"]}}, ("b",)),
        ("realm.roles", {"realm": "a"}, ()),
    ],
)
async def test_groups_are_where_the_settings_say(
    provider: TestProvider,
    ours: Callable[..., OpenIdProvider],
    claim: str,
    claims: dict[str, Any],
    groups: tuple[str, ...],
) -> None:
    provider.claims = claims
    assert (await signed_in(provider, ours(role_claim=claim))).groups == groups


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email": "zoe@example.org", "email_verified": True}, "zoe@example.org"),
        ({"email": "zoe@example.org"}, "zoe"),
        ({"preferred_username": None, "name": "Zoë"}, "Zoë"),
        ({"preferred_username": None}, "7"),
        ({"preferred_username": "a\nb"}, "7"),
        ({"preferred_username": "z" * 101}, "7"),
    ],
    ids=str,
)
async def test_a_person_has_a_name_that_can_be_read(
    provider: TestProvider, ours: Callable[..., OpenIdProvider], claims: dict[str, Any], name: str
) -> None:
    provider.claims = claims
    assert (await signed_in(provider, ours())).name == name


async def test_a_provider_that_is_down_or_another_is_out_of_reach(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    provider.is_down = True
    with pytest.raises(OutOfReachError):
        await ours().address(ATTEMPT)
    provider.is_down = False
    one, provider.issuer = ours(), "https://example.org"
    with pytest.raises(OutOfReachError):
        await one.address(ATTEMPT)
    with pytest.raises(OutOfReachError):
        await ours(issuer="http://127.0.0.1:1").address(ATTEMPT)


async def test_a_wrong_secret_of_ours_gets_nobody_in(
    provider: TestProvider, ours: Callable[..., OpenIdProvider]
) -> None:
    assert await refused(provider, ours(client_secret="wrong")) == "the provider does not take the code"
