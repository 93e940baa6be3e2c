"""The paths of interfaces 4, by who uses them."""
