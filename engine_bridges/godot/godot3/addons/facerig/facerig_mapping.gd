class_name FaceRigMapping
extends Resource
# Which blend shapes show a curve, where names alone do not tell.
#
# {"jawOpen": "Mouth_Open", "mouthSmileLeft": {"Smile": 0.5, "Cheek_L": 0.2}, "tongueOut": {}}. A curve that is not
# here drives the shapes of its own name; one with an empty map drives none.

# Curve to the name of a shape, or to a dictionary of shapes and weights.
export(Dictionary) var shapes := {}
