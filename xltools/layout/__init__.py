"""Form to where each of its items stands: how tables are drawn, and in which cells."""
