"""Find out which unit a return is from, by everything that names a unit."""
