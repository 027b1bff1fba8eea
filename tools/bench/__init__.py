"""How fast, how big, how late: measured on one core of this machine, with figures and no pass or fail.

    python -m tools.bench speed        seconds of computing per second of sound, and which stage takes them
    python -m tools.bench memory       peak memory of an hour beside that of a minute (--minutes 60)
    python -m tools.bench latency      how late a frame comes, stated and measured, and what a chunk costs

`--json OUT` keeps the figures with the machine that they were measured on.
The sound is the bundled clip, over and over.
"""
