"""Updates by a sign: of an average of gradients, and Lion."""
