## What Godot 4 and Godot 3 spell differently, in Godot 4's words.
##
## Everything in core/ is written in the GDScript that both read, and asks here for the rest. A project on
## Godot 3 gets another file of this name (see README.md).

const ENGINE = 4


static func is_bytes(value) -> bool:
	return typeof(value) == TYPE_PACKED_BYTE_ARRAY


static func is_whole(value) -> bool:
	return typeof(value) == TYPE_INT


static func is_number(value) -> bool:
	return typeof(value) == TYPE_INT or typeof(value) == TYPE_FLOAT


static func is_text(value) -> bool:
	return typeof(value) == TYPE_STRING


static func no_bytes():
	return PackedByteArray()


static func zero_bytes(count: int):
	var made = PackedByteArray()
	made.resize(count)
	return made


## `count` bytes from byte `from` on.
static func part(bytes, from: int, count: int):
	return bytes.slice(from, from + count)


## An array without its first `from` items.
static func tail(items: Array, from: int) -> Array:
	return items.slice(from)


static func utf8(text: String):
	return text.to_utf8_buffer()


## Bytes that are known to be UTF-8 without a zero (see core/msgpack.gd).
static func text_of(bytes) -> String:
	return bytes.get_string_from_utf8()


static func zero_floats(count: int):
	var made = PackedFloat32Array()
	made.resize(count)
	return made


## `count` little-endian floats from byte `from` on.
static func floats_of(bytes, from: int, count: int):
	return bytes.slice(from, from + 4 * count).to_float32_array()


## A face between two: `share` of the way from one to the other.
static func between(one, other, share: float):
	var made = PackedFloat32Array(one)
	for i in made.size():
		made[i] += share * (other[i] - made[i])
	return made


## A clock that never goes back.
static func now_ns() -> int:
	return Time.get_ticks_usec() * 1000


## What a connection has to be told once a turn.
static func turn(peer: StreamPeerTCP) -> void:
	peer.poll()


## Mono or stereo 16-bit little-endian samples as one channel: the mean of both.
static func mono_s16(bytes, stereo: bool):
	if not stereo:
		return bytes
	var made = PackedByteArray()
	var count: int = bytes.size() / 4
	made.resize(2 * count)
	for i in count:
		made.encode_s16(2 * i, (bytes.decode_s16(4 * i) + bytes.decode_s16(4 * i + 2)) >> 1)
	return made


## Signed 8-bit samples (as Godot keeps them) as 16-bit ones.
static func s16_of_s8(bytes):
	var made = PackedByteArray()
	made.resize(2 * bytes.size())
	for i in bytes.size():
		made.encode_s16(2 * i, bytes.decode_s8(i) * 256)
	return made


## Floats in [-1, 1] as 16-bit samples.
static func s16_of_floats(samples):
	var made = PackedByteArray()
	made.resize(2 * samples.size())
	for i in samples.size():
		made.encode_s16(2 * i, int(round(clampf(samples[i], -1.0, 1.0) * 32767.0)))
	return made


## 16-bit samples as pairs of floats, left and right, for an AudioStreamGenerator.
static func stereo_of_s16(bytes):
	var made = PackedVector2Array()
	var count: int = bytes.size() / 2
	made.resize(count)
	for i in count:
		var value = bytes.decode_s16(2 * i) / 32768.0
		made[i] = Vector2(value, value)
	return made


static func hex_of(bytes) -> String:
	return bytes.hex_encode()
