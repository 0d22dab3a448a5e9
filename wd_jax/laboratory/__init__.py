"""The laboratory: update rules on one tensor of weights whose gradients are made up, so that all of them is known."""
