"""What is measured inside the training program, one probe a file."""
