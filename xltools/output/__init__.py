"""Write the results: the summary workbook, the workbook of differences, JSON, and text for the
terminal.
"""
