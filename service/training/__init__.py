"""Labelled lines -> a model and its report, reproducible from a seed; and a model judged on lines that it has not seen.

scikit-learn takes most of a second to import, so nothing that serves imports this package.
"""

from service.training.evaluation import Said, evaluate
from service.training.fit import Trained, train
from service.training.labelled import Labelled
from service.training.ladder import climb, unknown_labels
from service.training.reading import LineFault, read_labelled

__all__ = ["Labelled", "LineFault", "Said", "Trained", "climb", "evaluate", "read_labelled", "train", "unknown_labels"]
