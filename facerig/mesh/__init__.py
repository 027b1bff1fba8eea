"""The head that curves can pose, its turning eyes, and what is inside a glTF file."""
