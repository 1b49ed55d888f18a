"""The files of an inbox, found and read in worker processes within limits of time and memory."""
