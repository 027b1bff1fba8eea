"""Thousands of lines overnight: `facerig batch`.

    manifest, settings -> lines (what is to be done) -> which are current (address, journal)
                       -> an engine (this machine's processes, or a cluster) -> work: one line
                       -> journal -> report

`lines.Line` is one recording as it is to be animated, `work.perform` does it, `journal.Journal` remembers
it, `running.run` puts them together. Nothing here knows the command line.
"""
