"""What a proof is made of: definitions, numbers that refute, rules. It knows no law and prints nothing."""
