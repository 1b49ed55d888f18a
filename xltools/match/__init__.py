"""Read a workbook or document (a Book) as a return of a form: find where each figure is, and read
it.
"""
