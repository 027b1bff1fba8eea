"""Lips judged in millimetres: metrics, data sets, noise, our systems and the peers, side by side in one run.

    python -m tools.evaluate run --sets emodb,an4,kokoro --noise clean,pink10 --systems live,offline,rhubarb
    python -m tools.evaluate sweep --sets emodb --png curve.png

The flow is one way: sets -> noise -> system -> track -> judgements -> figures -> report.
"""
