"""Labelled lines -> a model and its report, reproducible from a seed; and a model judged on lines that it has not seen.

scikit-learn takes most of a second to import, so nothing that serves imports this package.
"""

from service.training.fit import Trained, train
from service.training.labelled import Labelled

__all__ = ["Labelled", "Trained", "train"]
