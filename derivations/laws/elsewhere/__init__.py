"""What other libraries make of a decay: the laws that an audit compares its numbers with."""
