"""Apply the coordinator's decisions while an inbox is collected."""
