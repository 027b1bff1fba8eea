## One frame of curves, as it came.

var epoch := 0
var index := 0   # in its session
var sample := 0  # of the character's sound that it belongs to; -1: of none, in silence nobody sent
var session_sample := 0  # the same as the service counts it
var flags := 0   # Wire.FRAME_LAST, Wire.FRAME_IDLE
var step := 1    # indices that the frame before lies back
var values       # floats, in the order of the schema's curves
