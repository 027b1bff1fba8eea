"""How one character moves, in small files: styles, their extraction from curves, and scenes."""
