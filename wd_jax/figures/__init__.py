"""Figures, one kind a file: its ``figure(runs)`` takes sweeps, or verdicts, and returns a Figure; nothing is shown."""
