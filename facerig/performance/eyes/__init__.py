"""Where the character looks and when it blinks: events decided at knots, drawn as functions of time."""
