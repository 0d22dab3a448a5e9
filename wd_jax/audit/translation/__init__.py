"""From one library's weight decay to another's: the laws, who follows which, and the value that does the same."""
