"""What the laws say of one setting, without training anything; loading it loads neither NumPy nor SymPy."""
