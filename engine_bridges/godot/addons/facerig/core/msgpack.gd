## msgpack, as much of it as the protocol uses: nil, booleans, numbers, text, bytes, lists, maps with text keys.
##
## `unpacked` is total: any bytes give a value or say what is wrong, and cost no more memory than the
## message's own size times a small number. There are no extensions, no NaN, no infinity.

const Dialect = preload("../dialect.gd")

const DEEPEST = 8        # a schema is 4 deep
const MOST_VALUES = 20000  # a schema of 2000 curves has 14000

var value = null
var wrong := ""  # why the last bytes were none; empty if they were

var _left := 0
var _buffer := StreamPeerBuffer.new()


func _init() -> void:
	_buffer.big_endian = true


## Whether `bytes` are one value, all of them; it is then in `value`.
func unpacked(bytes) -> bool:
	wrong = ""
	value = null
	_left = MOST_VALUES
	_buffer.data_array = bytes
	_buffer.seek(0)
	var got = _value(DEEPEST)
	if wrong == "" and _buffer.get_available_bytes() > 0:
		wrong = "%d bytes follow the value" % _buffer.get_available_bytes()
	if wrong == "":
		value = got
	return wrong == ""


## A value as bytes, each number in its shortest form.
func packed(what):
	_buffer.data_array = Dialect.no_bytes()
	_buffer.seek(0)
	_put(what)
	return _buffer.data_array


func _value(depth: int):
	_left -= 1
	if _left < 0 or depth < 0:
		return _fail("too many values or too deep")
	if not _has(1):
		return null
	var tag: int = _buffer.get_u8()
	if tag < 0x80:
		return tag
	if tag >= 0xe0:
		return tag - 256
	if tag < 0x90:
		return _map(tag & 15, depth)
	if tag < 0xa0:
		return _list(tag & 15, depth)
	if tag < 0xc0:
		return _text(tag & 31)
	match tag:
		0xc0: return null
		0xc2: return false
		0xc3: return true
		0xc4, 0xc5, 0xc6: return _bytes(_whole(1 << (tag - 0xc4)))
		0xca, 0xcb: return _float(4 if tag == 0xca else 8)
		0xcc, 0xcd, 0xce, 0xcf: return _whole(1 << (tag - 0xcc))
		0xd0, 0xd1, 0xd2, 0xd3: return _signed(1 << (tag - 0xd0))
		0xd9, 0xda, 0xdb: return _text(_whole(1 << (tag - 0xd9)))
		0xdc, 0xdd: return _list(_whole(2 << (tag - 0xdc)), depth)
		0xde, 0xdf: return _map(_whole(2 << (tag - 0xde)), depth)
	return _fail("byte %02x begins no value" % tag)


func _whole(width: int) -> int:
	if not _has(width):
		return 0
	match width:
		1: return _buffer.get_u8()
		2: return _buffer.get_u16()
		4: return _buffer.get_u32()
	var got: int = _buffer.get_u64()
	if got < 0:
		_fail("a number above 2^63")
	return got


func _signed(width: int) -> int:
	if not _has(width):
		return 0
	match width:
		1: return _buffer.get_8()
		2: return _buffer.get_16()
		4: return _buffer.get_32()
	return _buffer.get_64()


func _float(width: int):
	if not _has(width):
		return null
	var got: float = _buffer.get_float() if width == 4 else _buffer.get_double()
	return got if got - got == 0.0 else _fail("a number that is not finite")


func _bytes(count: int):
	if not _has(count):
		return null
	return Dialect.no_bytes() if count == 0 else _buffer.get_data(count)[1]


func _text(count: int):
	var bytes = _bytes(count)
	if wrong != "":
		return null
	if not is_utf8(bytes):
		return _fail("text that is no UTF-8")
	return Dialect.text_of(bytes)


func _list(count: int, depth: int):
	if not _has(count):
		return null
	var out := []
	for _i in range(count):
		out.append(_value(depth - 1))
		if wrong != "":
			return null
	return out


func _map(count: int, depth: int):
	if not _has(2 * count):
		return null
	var out := {}
	for _i in range(count):
		var key = _value(depth - 1)
		if wrong == "" and not Dialect.is_text(key):
			_fail("a key that is no text")
		var got = _value(depth - 1) if wrong == "" else null
		if wrong != "":
			return null
		out[key] = got
	return out


## Whether so many bytes are there: nothing is made larger than what came.
func _has(count: int) -> bool:
	if wrong == "" and count > _buffer.get_available_bytes():
		_fail("it ends too early")
	return wrong == ""


func _fail(why: String):
	if wrong == "":
		wrong = why
	return null


## Whether bytes are UTF-8 without a zero. Godot's own reader writes a line to the console for each mistake,
## and ends at a zero.
static func is_utf8(bytes) -> bool:
	var at := 0
	var count: int = bytes.size()
	while at < count:
		var one: int = bytes[at]
		at += 1
		if one == 0:
			return false
		if one < 0x80:
			continue
		var more := 1 if one < 0xe0 else (2 if one < 0xf0 else 3)
		if one < 0xc2 or one > 0xf4 or at + more > count:
			return false
		var second: int = bytes[at]
		var low := 0xa0 if one == 0xe0 else (0x90 if one == 0xf0 else 0x80)  # no longer form than needed
		var high := 0x9f if one == 0xed else (0x8f if one == 0xf4 else 0xbf)  # no surrogates, none above 10ffff
		if second < low or second > high:
			return false
		for i in range(1, more):
			if bytes[at + i] & 0xc0 != 0x80:
				return false
		at += more
	return true


func _put(what) -> void:
	match typeof(what):
		TYPE_NIL:
			_buffer.put_u8(0xc0)
		TYPE_BOOL:
			_buffer.put_u8(0xc3 if what else 0xc2)
		TYPE_INT:
			_put_whole(what)
		TYPE_STRING:
			var text = Dialect.utf8(what)
			_put_size(text.size(), 0xa0, 32, [0xd9, 0xda, 0xdb])
			_put_data(text)
		TYPE_ARRAY:
			_put_size(what.size(), 0x90, 16, [0, 0xdc, 0xdd])
			for one in what:
				_put(one)
		TYPE_DICTIONARY:
			_put_size(what.size(), 0x80, 16, [0, 0xde, 0xdf])
			for key in what:
				_put(str(key))
				_put(what[key])
		_:
			if Dialect.is_bytes(what):
				_put_size(what.size(), 0, 0, [0xc4, 0xc5, 0xc6])
				_put_data(what)
			else:
				_buffer.put_u8(0xcb)
				_buffer.put_double(float(what))


func _put_whole(number: int) -> void:
	if number >= 0:
		if number < 0x80:
			_buffer.put_u8(number)
		elif number < 0x100:
			_buffer.put_u8(0xcc)
			_buffer.put_u8(number)
		elif number < 0x10000:
			_buffer.put_u8(0xcd)
			_buffer.put_u16(number)
		elif number < 0x100000000:
			_buffer.put_u8(0xce)
			_buffer.put_u32(number)
		else:
			_buffer.put_u8(0xcf)
			_buffer.put_u64(number)
	elif number >= -32:
		_buffer.put_u8(256 + number)
	elif number >= -0x80:
		_buffer.put_u8(0xd0)
		_buffer.put_8(number)
	elif number >= -0x8000:
		_buffer.put_u8(0xd1)
		_buffer.put_16(number)
	elif number >= -0x80000000:
		_buffer.put_u8(0xd2)
		_buffer.put_32(number)
	else:
		_buffer.put_u8(0xd3)
		_buffer.put_64(number)


## The head of something with a size: in the tag itself below `small`, else after one of `tags` (8, 16, 32 bits;
## 0: there is none).
func _put_size(size: int, tag: int, small: int, tags: Array) -> void:
	if size < small:
		_buffer.put_u8(tag | size)
	elif size < 0x100 and tags[0] != 0:
		_buffer.put_u8(tags[0])
		_buffer.put_u8(size)
	elif size < 0x10000:
		_buffer.put_u8(tags[1])
		_buffer.put_u16(size)
	else:
		_buffer.put_u8(tags[2])
		_buffer.put_u32(size)


func _put_data(bytes) -> void:
	if bytes.size() > 0:
		_buffer.put_data(bytes)
