"""Adam: with L2 in its averages, and with decoupled decay (AdamW)."""
