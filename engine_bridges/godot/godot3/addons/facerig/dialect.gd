# What Godot 4 and Godot 3 spell differently, in Godot 3's words. It takes the place of the addon's own dialect.gd.
#
# Everything in core/ is written in the GDScript that both read, and asks here for the rest.

const ENGINE = 3


static func is_bytes(value) -> bool:
	return typeof(value) == TYPE_RAW_ARRAY


static func is_whole(value) -> bool:
	return typeof(value) == TYPE_INT


static func is_number(value) -> bool:
	return typeof(value) == TYPE_INT or typeof(value) == TYPE_REAL


static func is_text(value) -> bool:
	return typeof(value) == TYPE_STRING


static func no_bytes():
	return PoolByteArray()


static func zero_bytes(count: int):
	var made := PoolByteArray()
	made.resize(count)
	for i in range(count):  # Godot 3 does not clear what it gives
		made[i] = 0
	return made


# `count` bytes from byte `from` on.
static func part(bytes, from: int, count: int):
	return bytes.subarray(from, from + count - 1) if count > 0 else PoolByteArray()


# An array without its first `from` items.
static func tail(items: Array, from: int) -> Array:
	return items.slice(from, items.size() - 1) if from < items.size() else []


static func utf8(text: String):
	return text.to_utf8()


# Bytes that are known to be UTF-8 without a zero (see core/msgpack.gd).
static func text_of(bytes) -> String:
	return bytes.get_string_from_utf8()


static func zero_floats(count: int):
	var made := PoolRealArray()
	made.resize(count)
	for i in range(count):
		made[i] = 0.0
	return made


# `count` little-endian floats from byte `from` on.
static func floats_of(bytes, from: int, count: int):
	var buffer := StreamPeerBuffer.new()
	buffer.data_array = bytes
	buffer.seek(from)
	var made := PoolRealArray()
	made.resize(count)
	for i in range(count):
		made[i] = buffer.get_float()
	return made


# A face between two: `share` of the way from one to the other.
static func between(one, other, share: float):
	var made := PoolRealArray(one)
	for i in range(made.size()):
		made[i] += share * (other[i] - made[i])
	return made


# A clock that never goes back.
static func now_ns() -> int:
	return OS.get_ticks_usec() * 1000


# What a connection has to be told once a turn.
static func turn(_peer: StreamPeerTCP) -> void:
	pass  # get_status() looks for itself


# Mono or stereo 16-bit little-endian samples as one channel: the mean of both.
static func mono_s16(bytes, stereo: bool):
	if not stereo:
		return bytes
	var from := StreamPeerBuffer.new()
	from.data_array = bytes
	var to := StreamPeerBuffer.new()
	for _i in range(bytes.size() / 4):
		to.put_16((from.get_16() + from.get_16()) >> 1)
	return to.data_array


# Signed 8-bit samples (as Godot keeps them) as 16-bit ones.
static func s16_of_s8(bytes):
	var from := StreamPeerBuffer.new()
	from.data_array = bytes
	var to := StreamPeerBuffer.new()
	for _i in range(bytes.size()):
		to.put_16(from.get_8() * 256)
	return to.data_array


# Floats in [-1, 1] as 16-bit samples.
static func s16_of_floats(samples):
	var to := StreamPeerBuffer.new()
	for one in samples:
		to.put_16(int(round(clamp(one, -1.0, 1.0) * 32767.0)))
	return to.data_array


# 16-bit samples as pairs of floats, left and right, for an AudioStreamGenerator.
static func stereo_of_s16(bytes):
	var from := StreamPeerBuffer.new()
	from.data_array = bytes
	var made := PoolVector2Array()
	made.resize(bytes.size() / 2)
	for i in range(made.size()):
		var value := from.get_16() / 32768.0
		made[i] = Vector2(value, value)
	return made


static func hex_of(bytes) -> String:
	return bytes.hex_encode()
