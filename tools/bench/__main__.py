"""python -m tools.bench: on one core, whatever the numeric libraries would take by themselves."""

from __future__ import annotations

import os
import sys
from typing import Final

POOLS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def main() -> int:
    """Set the threads, which numpy reads when it is imported, and only then import and run the commands."""
    os.environ.update(dict.fromkeys(POOLS, "1"))
    from facerig.errors import FacerigError
    from tools.bench.commands import app

    try:
        app(prog_name="python -m tools.bench")
    except FacerigError as mistake:
        print(f"error: {mistake}", file=sys.stderr)
        return mistake.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
