"""The forms that come with xltools (``*.toml``), and the loading of a form file: its text becomes a
Form whose names are all resolved.
"""
