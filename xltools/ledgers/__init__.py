"""Sheets that people fill in, read and written: roster, last year's figures, decisions."""
