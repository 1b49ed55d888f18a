"""An inbox to what is in it: its files, read within limits in worker processes."""
