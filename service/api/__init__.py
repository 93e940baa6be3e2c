"""The service over HTTP: events in, queues and explanations out, acts of the teams, the playbook."""

from service.api.build import create_api
from service.api.connections import BoundedConnection
from service.api.entrance import Entrance
from service.api.guard import CALLBACK
from service.api.noting import Noting
from service.api.services import Pulse, Services

__all__ = ["CALLBACK", "BoundedConnection", "Entrance", "Noting", "Pulse", "Services", "create_api"]
