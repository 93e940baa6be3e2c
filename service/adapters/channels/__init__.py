"""One adapter for each kind of channel, behind one courier; secrets are looked up by name when they are needed."""

from service.adapters.channels.couriers import Couriers
from service.adapters.channels.posting import certificates, open_posting

__all__ = ["Couriers", "certificates", "open_posting"]
