"""Last year from a folder, differences of two files, and single files."""
