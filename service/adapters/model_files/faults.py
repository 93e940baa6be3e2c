"""What is wrong with a model's file."""


class ModelFault(Exception):
    """A file that holds no model that this release can use; the message says what to do."""
