"""One face laid onto another: landmarks by geometry, a similarity, a smooth warp, and what moves there moves
here."""
