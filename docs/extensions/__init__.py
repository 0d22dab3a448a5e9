"""What the site needs beyond Sphinx: pages made from the program itself, and formulas that need no network."""
