"""Which submission of a unit counts."""
