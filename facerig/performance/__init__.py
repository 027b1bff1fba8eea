"""What makes a face alive and is not phonetics, evaluated at the output frame: frame times, blinks, layers."""
