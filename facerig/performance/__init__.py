"""What makes a face alive and is not phonetics, evaluated at the output frame: times, blinks, layers."""
