"""Write back to the units: for each a draft of a mail, with a workbook of its own figures to
correct or a fresh template.
"""
