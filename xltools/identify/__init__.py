"""Whose a return is, by what names its unit."""
