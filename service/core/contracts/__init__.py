"""What crosses the border: CloudEvents in (`cloudevent.decode`), notices and other records out (`outgoing.encode`)."""
