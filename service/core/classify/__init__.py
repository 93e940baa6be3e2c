"""Redacted texts -> categories with calibrated probabilities, severity and sentiment, from a trained model's arrays.

Nothing is refused: a text without words, and one unlike everything that the model was trained on, get no category and a
reason. `service.training` makes models, `service.adapters.model_files` keeps them.
"""

from service.core.classify.heads import Head
from service.core.classify.kernel import Kernel
from service.core.classify.lexical import LexicalView
from service.core.classify.model import Model
from service.core.classify.near import NearHead
from service.core.classify.stages import Curve, Familiarity, Stage
from service.core.classify.taught import TAUGHT, TaughtView
from service.core.classify.terms import Terms, pieces_of, tokens_of
from service.core.classify.tone import Tone
from service.core.classify.views import LEXICAL, QUESTION, TEXT, DenseView, QuestionView, TextView, Vectors, View

__all__ = [
    "LEXICAL",
    "QUESTION",
    "TAUGHT",
    "TEXT",
    "Curve",
    "DenseView",
    "Familiarity",
    "Head",
    "Kernel",
    "LexicalView",
    "Model",
    "NearHead",
    "QuestionView",
    "Stage",
    "TaughtView",
    "Terms",
    "TextView",
    "Tone",
    "Vectors",
    "View",
    "pieces_of",
    "tokens_of",
]
