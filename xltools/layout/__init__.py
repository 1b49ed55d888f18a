"""Where each item of a form is: how its tables are laid out as boxes, and in which cells of which
sheets.
"""
