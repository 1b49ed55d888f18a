"""Decisions of the coordinator, applied while an inbox is collected."""
