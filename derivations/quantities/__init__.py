"""The table of all symbols, in parts; `derivations.symbols` puts them together and looks them up."""
