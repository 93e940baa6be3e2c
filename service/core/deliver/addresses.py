"""An address that a name led to -> whether a channel may be sent to it.

Whoever writes the playbook says where messages go, and could have the service knock at doors that only it can reach.
So by default a channel reaches public addresses alone. Private and loopback ones are let through where the operator
says so; link-local ones, at which clouds tell machines their secrets, never are.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# Addresses by which networks of IPv6 reach those of IPv4 (RFC 6052).
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_allowed(address: str, *, private: bool) -> bool:
    """Judge a literal address; one that is written as another family's is judged as what it leads to."""
    try:
        found = _meant(ip_address(address.partition("%")[0]))
    except ValueError:
        return False
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    return found.is_global or (private and (found.is_loopback or not found.is_reserved))


def _meant(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _TRANSLATED:
        return IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)
