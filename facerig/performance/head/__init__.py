"""Head motion from prosody, and the answers of a listener."""
