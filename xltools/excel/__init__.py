"""The kit for writing workbooks: formats, lists, locks, safe text. It knows no form."""
