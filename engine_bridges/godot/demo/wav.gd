## A WAV file read by hand, so that the demo needs no import: 16-bit PCM.

const Dialect = preload("../addons/facerig/dialect.gd")
const Stage = preload("stage.gd")


## A stream, or null for what is none.
static func read(path: String):
	var bytes = Stage.bytes_of(path)
	var file := StreamPeerBuffer.new()
	file.data_array = bytes
	if bytes.size() < 44 or file.get_u32() != 0x46464952:  # RIFF
		return null
	file.seek(12)
	var channels := 0
	var rate := 0
	while file.get_available_bytes() >= 8:
		var kind := file.get_u32()
		var size := file.get_u32()
		var begins := file.get_position()
		if kind == 0x20746d66 and size >= 16:  # "fmt "
			if file.get_u16() != 1:
				return null
			channels = file.get_u16()
			rate = file.get_u32()
			file.seek(begins + 14)
			if file.get_u16() != 16 or channels > 2:
				return null
		elif kind == 0x61746164:  # "data"
			var there: int = int(min(size, bytes.size() - begins)) / 4 * 4
			return Dialect.stream_of(Dialect.mono_s16(Dialect.part(bytes, begins, there), channels == 2), rate)
		file.seek(int(min(begins + size + size % 2, bytes.size())))
	return null
