"""What is timed: each module has ``prepare(case)``, which returns a function that trains once and takes no argument."""
