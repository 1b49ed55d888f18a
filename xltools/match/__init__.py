"""A book to a Return: where each figure of a form stands, and what is read there.

``Matcher(layout).match(book)``. Tables are recognised by their labels: at the expected cells, else
wherever their rows and columns are found.
"""

from xltools.match.matcher import Matcher

__all__ = ["Matcher"]
