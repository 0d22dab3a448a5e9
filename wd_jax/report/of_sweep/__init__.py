"""The page of any sweep: the laws that apply to it held against it, its figures, its summary."""
