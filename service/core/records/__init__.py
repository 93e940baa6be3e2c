"""Values that pass between the stages, in pipeline order; nothing here decides."""
