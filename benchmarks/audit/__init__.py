"""Every optimiser that a library offers, measured in an environment of that library's own; the catalogue's records."""
