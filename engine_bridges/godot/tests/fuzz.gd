extends SceneTree
## Any bytes at every reader: fuzz.gd -- FOLDER COUNT SEED
##
## Each case is a golden packet spoilt at random, or random bytes. It goes to the readers of frames and messages, to a
## character's whole conversation with pictures drawn from it, or to a ZeroMQ connection. No face may hold anything but
## numbers; every mistake of a script is an error on the console, which the test that runs this looks for.

const Host = preload("host.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const FrameReader = preload("../addons/facerig/core/frame_reader.gd")
const Link = preload("../addons/facerig/core/link.gd")
const Messages = preload("../addons/facerig/core/messages.gd")
const Zmtp = preload("../addons/facerig/core/zmtp.gd")

const TELLING = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc4, 0xc6, 0xc7, 0xca, 0xcb, 0xcf, 0xd3,
	0xd4, 0xd9, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xff, 0x46]
const AGAIN = 500  # cases, after which what remembers begins anew

var _random := RandomNumberGenerator.new()
var _corpus := []
var _opened
var _frames := FrameReader.new()
var _messages := Messages.new()
var _link
var _talk
var _zmtp
var _now := 1000
var _taken := 0
var _wrong := ""


func _init() -> void:
	var given := Host.arguments()
	_random.seed = int(given[2])
	for name in Host.names(given[0], ".bin"):
		_corpus.append(Host.bytes_of(given[0] + "/" + name))
	_opened = Host.bytes_of(given[0] + "/opened.bin")
	for k in range(int(given[1])):
		if k % AGAIN == 0:
			_begin()
		_case(k, _spoilt())
		if _wrong != "":
			printerr("case %d: %s" % [k, _wrong])
			break
	Host.say({"cases": int(given[1]), "taken": _taken})
	quit(1 if _wrong != "" else 0)


func _begin() -> void:
	_link = Link.new()
	_talk = _link.open({"subject": "anna", "sample_rate": 48000, "rig": "arkit"})
	_talk.say_sound(Dialect.zero_bytes(96000), true)
	_talk.direct(10, {"emotion": "joy", "gaze": [0.0, 0.0, 1.0]})
	if below(8) > 0:
		_link.due(_now)
		_link.answered(_opened, _now)
	_zmtp = Zmtp.new("DEALER", ["ROUTER"])
	_zmtp.greet(_now)
	if below(4) > 0:
		_zmtp.hear(_greeting(), _now)


func _case(k: int, bytes) -> void:
	_now += 5000000
	match k % 3:
		0:
			_read(bytes)
		1:
			_converse(bytes)
		2:
			_connect(bytes)


func _read(bytes) -> void:
	var frame = _frames.read(bytes)
	if frame != null:
		_taken += 1
	elif _frames.wrong == "":
		_wrong = "a frame was refused without a word"
	for known in [Messages.REQUESTS, Messages.REPLIES, Messages.SCHEMAS]:
		var message = _messages.read(bytes, known)
		if message != null:
			_taken += 1
			_messages.packed(message)
		elif _messages.wrong == "":
			_wrong = "a message was refused without a word"


func _converse(bytes) -> void:
	if below(2) == 0:
		_link.answered(bytes, _now)
	else:
		_link.published(Dialect.utf8("anna") + _end(), bytes)
	for message in _link.due(_now):
		_messages.packed(message)
	if below(50) == 0:
		_talk.interrupt()
	if below(50) == 0:
		_link.lost(_now)
	_talk.events = []
	if not _talk.show(_now, below(3) * 1000 - 1):
		return
	_taken += 1
	for value in _talk.playout.values:
		if value - value != 0.0:
			_wrong = "a face holds %s" % value


func _connect(bytes) -> void:
	if _zmtp.lost:
		_zmtp = Zmtp.new("DEALER", ["ROUTER"])
		_zmtp.greet(_now)
		if below(4) > 0:
			_zmtp.hear(_greeting(), _now)
	if below(2) == 0:  # a whole frame around it
		var head = Dialect.zero_bytes(2)
		head[0] = [0, 1, 4][below(3)]
		head[1] = bytes.size() & 255
		bytes = head + Dialect.part(bytes, 0, bytes.size() & 255)
	_zmtp.hear(bytes, _now)
	_taken += _zmtp.received.size()
	_zmtp.received = []
	if _zmtp.lost and _zmtp.why == "":
		_wrong = "a connection ended without a word"


## What a ROUTER says at first.
func _greeting():
	var all = Dialect.zero_bytes(64)
	all[0] = 0xff
	all[9] = 0x7f
	all[10] = 3
	var mechanism = Dialect.utf8("NULL")
	for i in range(4):
		all[12 + i] = mechanism[i]
	var body = Dialect.zero_bytes(1)
	body[0] = 5
	body = body + Dialect.utf8("READY")
	body.append(11)
	body = body + Dialect.utf8("Socket-Type") + Dialect.zero_bytes(3)
	body.append(6)
	body = body + Dialect.utf8("ROUTER")
	all.append(4)
	all.append(body.size())
	return all + body


func _spoilt():
	var bytes = _corpus[below(_corpus.size())]
	if below(20) == 0:
		bytes = Dialect.zero_bytes(below(300))
		for i in range(bytes.size()):
			bytes[i] = below(256)
		return bytes
	bytes = Dialect.part(bytes, 0, bytes.size())
	for _i in range(1 + below(4)):
		var at := below(bytes.size())
		match below(6) if bytes.size() > 0 else 5:
			0:
				bytes[at] = below(256)
			1:
				bytes[at] = TELLING[below(TELLING.size())]
			2:
				bytes = Dialect.part(bytes, 0, at)
			3:
				bytes = Dialect.part(bytes, 0, at) + Dialect.part(bytes, at + 1, bytes.size() - at - 1)
			4:
				var other = _corpus[below(_corpus.size())]
				bytes = Dialect.part(bytes, 0, at) + other
			5:
				pass
	return bytes


func _end():
	return Dialect.zero_bytes(1)


func below(count: int) -> int:
	return int(_random.randi() % count) if count > 0 else 0
