"""The annual report as a Word document, in the layout of official documents."""

from xltools.writers.document.build import Annex, Paper, build

__all__ = ["Annex", "Paper", "build"]
