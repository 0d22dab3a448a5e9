"""Many steps at once with momentum: the blocked form of heavy ball, Nesterov's and SGDW's steps, and what it costs."""
