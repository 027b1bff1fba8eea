extends SceneTree
## What this library costs and how late it is (see tests/bridges/README.md of facerig):
##
##     bench.gd -- decode PACKET_FILE COUNT
##     bench.gd -- listen CONTROL_PORT CURVES_PORT SOUND.s16 SECONDS [SUBJECT]

const Host = preload("host.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const Client = preload("../addons/facerig/core/client.gd")
const FrameReader = preload("../addons/facerig/core/frame_reader.gd")

const RATE = 16000
const FPS = 60
const PIECE = 320
const NS_PER_SEC = 1000000000
const PIECE_NS = 20000000
const IN_HAND = 10       # pieces that are sent ahead
const FOR_THE_WAY = 1600  # samples
const PATIENCE_NS = 20000000000

var _client
var _talk
var _latencies := []  # ns
var _first = null     # frames with sound
var _last = null
var _first_ns := -1
var _failed := false


func _init() -> void:
	var given := Host.arguments()
	var decodes: bool = given[0] == "decode"
	var bytes = Host.bytes_of(given[1 if decodes else 3])  # Godot has changed folders: the path is a full one
	if bytes.size() < 2 * PIECE and not decodes or bytes.size() == 0:
		_fail("%s cannot be read" % given[1 if decodes else 3])
	elif decodes:
		_decode(bytes, int(given[2]))
	else:
		_listen(int(given[1]), int(given[2]), bytes, float(given[4]), given[5] if given.size() > 5 else "bench")
	quit(1 if _failed else 0)


func _decode(bytes, count: int) -> void:
	var reader := FrameReader.new()
	_decode_often(reader, bytes, count / 10 + 1)
	var before: int = Host.objects_made(FrameReader.new())
	var began := Dialect.now_ns()
	_decode_often(reader, bytes, count)
	var took := Dialect.now_ns() - began
	var objects: int = Host.objects_made(FrameReader.new()) - before - 1
	# each frame is an object (counted by their ids) with an array of values
	Host.say({"frames_per_sec": count * float(NS_PER_SEC) / took, "allocations_per_frame": float(objects) / count + 1.0})


func _decode_often(reader, bytes, count: int) -> void:
	for _i in range(count):
		if reader.read(bytes) == null:
			_fail(reader.wrong)
			return


func _listen(control_port: int, curves_port: int, sound, secs: float, subject: String) -> void:
	_client = Client.new("127.0.0.1", control_port, curves_port)
	_talk = _client.open({"subject": subject, "sample_rate": RATE, "rig": "arkit", "seed": 7})
	_talk.frames_wanted = true
	var patience := Dialect.now_ns() + PATIENCE_NS
	while _talk.playout == null:
		_turn()
		if _failed:
			return
		if Dialect.now_ns() > patience:
			_fail("nobody answers: %s" % _client.why)
			return
	var pieces: int = sound.size() / 2 / PIECE
	var pictures := 0
	var k := 0
	_first_ns = Dialect.now_ns()
	while Dialect.now_ns() < _first_ns + int(secs * NS_PER_SEC):
		var elapsed := Dialect.now_ns() - _first_ns
		while (k - IN_HAND) * PIECE_NS <= elapsed:
			_talk.say_sound(Dialect.part(sound, 2 * PIECE * (k % pieces), 2 * PIECE), false)
			k += 1
		_turn()
		if elapsed * FPS >= pictures * NS_PER_SEC:
			pictures += 1
			_show()
	_tell(pictures)
	_talk.close()
	while not _talk.is_over() and Dialect.now_ns() < patience + int(secs * NS_PER_SEC):
		_turn()


func _show() -> void:
	var now := Dialect.now_ns()
	var sample: int = (now - _first_ns) / 1000 * RATE / 1000000 - _talk.schema["latency_samples"] - FOR_THE_WAY
	_talk.show(now, sample if sample >= 0 else -1)


func _turn() -> void:
	_client.turn()
	var now := Dialect.now_ns()
	for frame in _talk.frames:
		if frame.sample < 0 or _first_ns < 0:
			continue
		_first = frame if _first == null else _first
		_last = frame
		_latencies.append(now - _first_ns - (frame.sample + _talk.schema["latency_samples"]) * NS_PER_SEC / RATE)
	_talk.frames = []
	for event in _talk.events:
		if event["event"] == "error":
			_fail("%s: %s" % [event["code"], event["what"]])
	_talk.events = []
	OS.delay_usec(500)


func _tell(pictures: int) -> void:
	var sorted := _latencies.duplicate()
	sorted.sort()
	var count := sorted.size()
	var drift := 0
	if count > 0:
		drift = int(_last.sample - _first.sample - (_last.index - _first.index) * RATE / float(FPS))
	var late := {}
	for share in [["p50", 0.5], ["p99", 0.99], ["max", 1.0]]:
		late[share[0]] = sorted[int(min(count - 1, count * share[1]))] / 1.0e6 if count > 0 else null
	Host.say({"frames": count, "pictures": pictures, "gaps": _talk.playout.lost, "held": _talk.playout.held,
		"drift_samples": drift, "latency_ms": late})


func _fail(why: String) -> void:
	printerr(why)
	_failed = true
