"""One technology a file or folder, each behind a port; adapters are strangers to one another."""
