"""What xltools hands out: workbooks and documents, written from finished data."""
