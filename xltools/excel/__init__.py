"""Tools for writing workbooks: formats, lists, locks, safe text. They know nothing about forms."""
