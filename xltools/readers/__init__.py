"""Bytes to grids of cells: what stands in a file, whatever its format. Readers know no form."""
