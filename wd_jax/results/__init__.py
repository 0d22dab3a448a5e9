"""What a sweep gives back, in memory and on disk: variables, files, summaries and doubts."""
