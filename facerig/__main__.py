"""`python -m facerig` is `facerig`."""

from facerig.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
