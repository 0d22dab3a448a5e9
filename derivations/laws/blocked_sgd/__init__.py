"""Many steps at once: the blocked form of SGD, and what it costs."""
