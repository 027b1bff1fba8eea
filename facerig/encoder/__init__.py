"""From features to speech curves: the neural model, and the lips it moves in millimetres."""
