"""`facerig doctor`: is everything there?"""

from __future__ import annotations

from facerig.cli.options import Json
from facerig.cli.report import Report

MARKS = {"ok": "[ok]     ", "missing": "[missing]", "broken": "[BROKEN] "}


def doctor(
    json: Json = False,
) -> int:
    """Say what is installed, what works, and how to get the rest; exits with 0 where `animate` works."""
    from facerig.doctor import examine, works

    report = Report(json=json)
    findings = []
    for finding in examine():
        findings.append(finding)
        fix = f"\n{'':>28}get it: {finding.fix}" if finding.fix else ""
        report.result(f"{MARKS[finding.state]} {finding.topic:<18} {finding.detail}{fix}",
                      topic=finding.topic, state=finding.state, detail=finding.detail, fix=finding.fix)
    healthy = works(findings)
    if not json:
        report.result(f"\nfacerig animate {'works here' if healthy else 'does not work here: see above'}.")
    return 0 if healthy else 1
