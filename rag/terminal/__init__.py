"""How everything looks in a terminal."""
