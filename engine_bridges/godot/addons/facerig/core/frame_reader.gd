## Frames of curves from their bytes. Total: any bytes give a frame, or null and `wrong`.

const Dialect = preload("../dialect.gd")
const Wire = preload("../wire.gd")
const Frame = preload("frame.gd")

const FRIG = 0x47495246  # Wire.FRAME_MAGIC as a little-endian number

var wrong := ""
var _buffer := StreamPeerBuffer.new()


## Whether bytes are meant as a frame: no msgpack map begins so.
func is_frame(bytes) -> bool:
	return bytes.size() >= 4 and bytes[0] == 0x46 and bytes[1] == 0x52 and bytes[2] == 0x49 and bytes[3] == 0x47


## A frame, or null.
func read(bytes):
	wrong = ""
	if bytes.size() < Wire.FRAME_HEADER_BYTES or not is_frame(bytes):
		return _fail("%d bytes are no frame of curves" % bytes.size())
	_buffer.data_array = bytes
	_buffer.seek(Wire.FRAME_VERSION_AT)
	var version: int = _buffer.get_u8()
	var flags: int = _buffer.get_u8()
	var count: int = _buffer.get_u16()
	if version != Wire.VERSION:
		return _fail("version %d is not known here" % version)
	if count > Wire.MOST_CURVES or bytes.size() != Wire.FRAME_HEADER_BYTES + 4 * count:
		return _fail("%d bytes do not hold %d values" % [bytes.size(), count])
	var frame := Frame.new()
	frame.flags = flags
	frame.step = Wire.FRAME_STEPS[(flags & Wire.FRAME_STEP) >> Wire.FRAME_STEP_SHIFT]
	frame.epoch = _buffer.get_u32()
	frame.index = _buffer.get_u64()
	frame.sample = _buffer.get_64()
	frame.session_sample = frame.sample
	if frame.index < 0:
		return _fail("an index above 2^63")
	if frame.sample < Wire.FRAME_SILENCE:
		return _fail("sample %d is none" % frame.sample)
	frame.values = Dialect.floats_of(bytes, Wire.FRAME_VALUES_AT, count)
	var sum := 0.0
	for value in frame.values:
		sum += value - value  # 0, but for NaN and infinity
	if sum != 0.0:
		return _fail("a value is not finite")
	return frame


func _fail(why: String):
	wrong = why
	return null
