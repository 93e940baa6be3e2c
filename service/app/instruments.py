"""What every part of the service reads texts with."""

from service.adapters.english import sentiment
from service.adapters.languages import detector
from service.core.pipeline.instruments import Instruments

INSTRUMENTS = Instruments(detectors=detector, lexicon=sentiment)
