"""The exporters that ship with facerig, one file format a module, found through the entry points in
pyproject.toml."""
