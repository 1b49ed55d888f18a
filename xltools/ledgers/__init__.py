"""The sheets that people fill in, read and written: the roster, last year's figures, decisions."""
