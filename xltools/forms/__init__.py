"""The declared forms (*.toml), and how one is loaded and resolved."""
