"""A classifier's model <-> one file: JSON and arrays in a zip, without pickle, the same bytes from the same model.

A file that is cut off, altered, of a newer format or larger than a model may be is refused with `ModelFault`, which
says what to do. Vectors and encoders are named by digest and not part of the file: where one is not installed the model
is loaded all the same, names it as missing, and answers with the heads that remain.
"""

from service.adapters.model_files.loading import Loaded, load_model
from service.adapters.model_files.writing import write_model

__all__ = ["Loaded", "load_model", "write_model"]
