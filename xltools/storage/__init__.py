"""Files on other machines, at fsspec addresses: found, read, written whole, and locked."""
