"""Steps that several laws have in common."""
