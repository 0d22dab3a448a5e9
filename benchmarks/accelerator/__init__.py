"""Whether the engine's numbers on an accelerator are those of the CPU, and how fast it is there: one command."""
