"""What a finished run says in words: tables for a terminal, and a Markdown report."""
