"""How weights decay: each way a value, a file each. A rule has one of them beside what it does to the gradient."""
