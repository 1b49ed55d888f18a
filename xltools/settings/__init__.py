"""What is set once for a year's work, in one file of its folder."""
