"""A book to a Return: where each figure of a form stands, and what is read there."""
