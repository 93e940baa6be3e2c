"""Which addresses a channel may reach."""

import pytest

from service.core.deliver import is_allowed


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_are_always_allowed(address: str) -> None:
    assert is_allowed(address, private=False)
    assert is_allowed(address, private=True)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1", "::ffff:10.0.0.1"]
)
def test_private_and_loopback_addresses_are_allowed_where_the_operator_says_so(address: str) -> None:
    assert not is_allowed(address, private=False)
    assert is_allowed(address, private=True)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255", "no address", "",  # noqa: S104 - nobody binds here
    ],
)  # fmt: skip
def test_no_one_may_reach_where_clouds_keep_secrets_or_what_is_no_single_machine(address: str) -> None:
    assert not is_allowed(address, private=False)
    assert not is_allowed(address, private=True)
