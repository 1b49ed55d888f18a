"""Make the locked workbook that a unit fills in, from a form and the unit."""
