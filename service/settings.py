"""The environment -> Settings, read once; every fault is reported together, and no value is ever repeated.

A variable of our prefix that nothing reads is a fault as well: it is most likely a misspelt setting. Secrets that a
playbook names for its sources and channels may have the prefix FEEDBACK_ROUTER_SECRET_.
"""

import os
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails

PREFIX = "FEEDBACK_ROUTER_"
_SECRETS = PREFIX + "SECRET_"
_SHARED = ("database_", "kafka_")
_SHORTEST_KEY = 16

# What decisions of the embedded mode are pseudonymised under; whoever runs it has nobody to keep a secret from.
_PUBLIC_KEY = SecretStr("feedback-router offline")


class SettingsError(Exception):
    """The environment is at fault; the message has a line for each variable, without its value."""


class Role(StrEnum):
    """What a process does; one may do several."""

    API = "api"
    WORKER = "worker"
    TICKER = "ticker"
    RELAY = "relay"
    DELIVERER = "deliverer"


class Clock(StrEnum):
    """What `now` is: the present, or the event time of the stream."""

    WALL = "wall"
    STREAM = "stream"


class RelayGuarantee(StrEnum):
    """What a reader of the queues may rely on; it never degrades by itself."""

    TRANSACTIONAL = "transactional"
    AT_LEAST_ONCE = "at_least_once"


class Identities(StrEnum):
    """Whom the API knows besides the bearer of the operator's token; API keys count in any case."""

    NONE = "none"
    KEYS = "keys"
    OIDC = "oidc"


class SecurityProtocol(StrEnum):
    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class Settings(BaseModel):
    """Sizes in bytes, times in seconds. A replication factor of -1 is the broker's own default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: SecretStr
    kafka_bootstrap_servers: str
    kafka_security_protocol: SecurityProtocol = SecurityProtocol.PLAINTEXT
    kafka_sasl_mechanism: SaslMechanism = SaslMechanism.PLAIN
    kafka_sasl_username: str | None = None
    kafka_sasl_password: SecretStr | None = None
    kafka_ssl_cafile: Path | None = None

    embedded: bool = False
    playbook: Path | None = None
    clock: Clock = Clock.WALL
    stream_ahead: Annotated[float, Field(ge=60, le=86_400)] = 900.0
    pseudonym_key: SecretStr | None = None
    pseudonym_key_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,15}$")] = "k1"
    former_pseudonym_key: SecretStr | None = None
    former_pseudonym_key_id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,15}$")] = "k0"
    log_level: Annotated[str, Field(pattern=r"^(DEBUG|INFO|WARNING|ERROR)$")] = "INFO"

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8080
    api_token: SecretStr | None = None
    identities: Identities = Identities.NONE
    public_url: Annotated[str, Field(pattern=r"^https?://[^/?#@\s]+$")] | None = None
    oidc_issuer: Annotated[str, Field(pattern=r"^https?://[^?#@\s]+$")] | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_role_claim: Annotated[str, Field(min_length=1, max_length=200)] = "groups"
    channels_private: bool = False

    group: Annotated[str, Field(min_length=1, max_length=200)] = "feedback-router"
    session_timeout: Annotated[float, Field(ge=1, le=1_800)] = 45.0
    metadata_age: Annotated[float, Field(ge=1, le=3_600)] = 60.0
    batch_rows: Annotated[int, Field(ge=1, le=5_000)] = 500
    batch_bytes: Annotated[int, Field(ge=1_024, le=64 * 1024 * 1024)] = 1024 * 1024
    batch_linger: Annotated[float, Field(ge=0, le=5)] = 0.02
    queue_rows: Annotated[int, Field(ge=1, le=100_000)] = 2_000
    queue_bytes: Annotated[int, Field(ge=1_024, le=256 * 1024 * 1024)] = 4 * 1024 * 1024
    trust_end_offsets: bool = True

    relay_guarantee: RelayGuarantee = RelayGuarantee.TRANSACTIONAL
    relay_shards: Annotated[int, Field(ge=1, le=64)] = 1

    late_timers_after: Annotated[float, Field(ge=10, le=86_400)] = 300.0
    stuck_relay_after: Annotated[float, Field(ge=10, le=86_400)] = 120.0
    unread_arbitration_after: Annotated[float, Field(ge=60, le=30 * 86_400)] = 43_200.0

    create_topics: bool = True
    topic_partitions: Annotated[int, Field(ge=1, le=1_000)] = 12
    topic_replication: Annotated[int, Field(ge=-1, le=10)] = -1

    processes: Annotated[str, Field(pattern=r"^(auto|[1-9][0-9]?)$")] = "1"
    pool_size: Annotated[int, Field(ge=4, le=200)] = 16
    drain: Annotated[float, Field(ge=1, le=600)] = 20.0

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        """Look at what one variable asks of another."""
        faults = []
        if self.pseudonym_key is None and not self.embedded:
            faults.append(f"{PREFIX}PSEUDONYM_KEY: must be set, so that customers are no open book")
        elif self.pseudonym_key is not None and len(self.pseudonym_key.get_secret_value()) < _SHORTEST_KEY:
            faults.append(f"{PREFIX}PSEUDONYM_KEY: must have {_SHORTEST_KEY} characters or more")
        if self.kafka_security_protocol.startswith("SASL"):
            given = {"USERNAME": self.kafka_sasl_username, "PASSWORD": self.kafka_sasl_password}
            faults += [f"KAFKA_SASL_{name}: must be set with SASL" for name, value in given.items() if value is None]
        if self.kafka_ssl_cafile is not None and not self.kafka_ssl_cafile.is_file():
            faults.append("KAFKA_SSL_CAFILE: there is no such file")
        if self.playbook is not None and not self.playbook.exists():
            faults.append(f"{PREFIX}PLAYBOOK: there is no such file or folder")
        if not _is_loopback(self.host) and not self.asks_who:
            where = f"where {PREFIX}HOST is not a loopback address, or {PREFIX}IDENTITIES be keys or oidc"
            faults.append(f"{PREFIX}API_TOKEN: must be set {where}")
        faults += self._oidc_faults()
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _oidc_faults(self) -> list[str]:
        """Find what signing in through a provider lacks, or what nothing reads without it."""
        given = {
            "PUBLIC_URL": self.public_url,
            "OIDC_ISSUER": self.oidc_issuer,
            "OIDC_CLIENT_ID": self.oidc_client_id,
            "OIDC_CLIENT_SECRET": self.oidc_client_secret,
        }
        if self.identities is not Identities.OIDC:
            return [
                f"{PREFIX}{name}: is read only with {PREFIX}IDENTITIES=oidc"
                for name, value in given.items()
                if value is not None and name.startswith("OIDC")
            ]
        faults = [f"{PREFIX}{name}: must be set with IDENTITIES=oidc" for name, value in given.items() if value is None]
        if self.oidc_issuer is not None and not _is_private(self.oidc_issuer):
            faults.append(f"{PREFIX}OIDC_ISSUER: must begin with https:// unless it is of this machine")
        return faults

    @property
    def asks_who(self) -> bool:
        """Whether nobody comes in unknown, not even from this machine."""
        return self.api_token is not None or self.identities is not Identities.NONE

    @property
    def is_encrypted(self) -> bool:
        """Whether browsers reach the API over an encrypted connection alone: so it is taken to be outside loopback."""
        return self.public_url.startswith("https://") if self.public_url else not _is_loopback(self.host)

    @property
    def pseudonym(self) -> tuple[str, bytes]:
        """The key's id and secret; the embedded mode has a public one."""
        if self.pseudonym_key is None:
            return "public", _PUBLIC_KEY.get_secret_value().encode()
        return self.pseudonym_key_id, self.pseudonym_key.get_secret_value().encode()


def read_settings(environment: Mapping[str, str] = os.environ, **given: object) -> Settings:
    """Read the settings; what is `given` goes before the environment. An empty variable is none.

    Raises:
        SettingsError: with every fault there is.
    """
    variables = {_variable(name): name for name in Settings.model_fields}
    unknown = [
        f"{name}: nothing reads this"
        for name in environment
        if name.startswith(PREFIX) and not name.startswith(_SECRETS) and name not in variables
    ]
    named = {name: environment[variable] for variable, name in variables.items() if environment.get(variable)}
    values = {**named, **given}
    faults = [*unknown, *_faults(values)]
    if faults:
        raise SettingsError("\n".join(sorted(faults)))
    return Settings.model_validate(values)


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the variables that settings other than the defaults are read from, secrets among them."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    return {_variable(name): _written(value) for name, value in given.items() if value is not None}


def _written(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)


def _faults(values: Mapping[str, object]) -> list[str]:
    """Find the faults of each value, and what the good ones ask of one another."""
    try:
        Settings.model_validate(values)
    except ValidationError as refused:
        errors = refused.errors(include_input=False, include_url=False)
        bad = {str(error["loc"][0]) for error in errors if error["loc"]}
        lines = [line for error in errors for line in _lines(error)]
        if not bad:
            return lines
        standing_in = dict.fromkeys((name for name in bad if Settings.model_fields[name].is_required()), "-")
        return lines + _faults({name: value for name, value in values.items() if name not in bad} | standing_in)
    return []


def _variable(name: str) -> str:
    """Name the variable of a setting; those that are not ours alone have no prefix."""
    return name.upper() if name.startswith(_SHARED) else PREFIX + name.upper()


def _lines(error: ErrorDetails) -> list[str]:
    if not error["loc"]:
        return str(error["ctx"]["error"]).splitlines()
    return [f"{_variable(str(error['loc'][0]))}: {error['msg']}"]


def _is_private(address: str) -> bool:
    """Tell whether nobody else hears what is said to an address."""
    parts = urlsplit(address)
    return parts.scheme == "https" or _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
