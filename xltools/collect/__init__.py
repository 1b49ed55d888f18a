"""An inbox to a summary: the order of the steps."""
