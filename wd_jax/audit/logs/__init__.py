"""What a training wrote down: its log, or its saved weights, read as norms of layers over steps."""
