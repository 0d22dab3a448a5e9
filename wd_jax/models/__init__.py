"""What is trained: the network, and the losses at its end."""
