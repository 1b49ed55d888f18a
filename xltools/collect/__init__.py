"""An inbox to a summary: reading in worker processes, then who, whether, and which of several."""
