"""Decide which submission of a unit counts, and whether it is accepted into the sum."""
