"""A language -> what its customers write, one phrasebook a language; the slots in braces are filled by `verbatims`."""

from collections.abc import Mapping
from types import MappingProxyType

from service.demo.phrases.book import Phrasebook
from service.demo.phrases.english import ENGLISH
from service.demo.phrases.french import FRENCH
from service.demo.phrases.german import GERMAN
from service.demo.phrases.spanish import SPANISH

PHRASEBOOKS: Mapping[str, Phrasebook] = MappingProxyType({"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH})

__all__ = ["PHRASEBOOKS", "Phrasebook"]
