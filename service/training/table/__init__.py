"""An encoder and texts to probe it with -> a static table: a vector for each wordpiece, whose sums meet the encoder's.

The shipped table was made by `deploy/vectors/make_table.py`, which gives this package its encoders.
"""

from service.training.table.fitting import Table, fit_table
from service.training.table.texts import probe_texts

__all__ = ["Table", "fit_table", "probe_texts"]
