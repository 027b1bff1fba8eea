extends SceneTree
## The scenario that every library plays: scenario.gd -- CONTROL_PORT CURVES_PORT SOUND.s16 SUBJECT [burst]
##
## See tests/bridges/README.md of facerig. It needs no picture: the client is turned in a loop of its own.

const Host = preload("host.gd")
const Dialect = preload("../addons/facerig/dialect.gd")
const Client = preload("../addons/facerig/core/client.gd")
const Wire = preload("../addons/facerig/wire.gd")

const RATE = 16000
const PIECE = 320
const PIECE_NS = 20000000
const PATIENCE_NS = 20000000000

var _client
var _talk
var _sound
var _seen := []     # events, as they were printed
var _last_end := -1  # session sample of the newest frame with flag 1
var _failed := false


func _init() -> void:
	var given := Host.arguments()
	_sound = Host.bytes_of(given[2])
	_client = Client.new("127.0.0.1", int(given[0]), int(given[1]))
	var burst: bool = given.size() > 4 and given[4] == "burst"
	var fields := {"subject": given[3], "sample_rate": RATE, "rig": "arkit", "seed": 7}
	if burst:
		fields["pace"] = "burst"
		fields["alive"] = false
	_talk = _client.open(fields)
	if _talk == null:
		_fail(_client.link.wrong)
	else:
		_talk.frames_wanted = true
		_wait_for("opened")
		if burst:
			_burst()
		else:
			_play()
	quit(1 if _failed else 0)


func _play() -> void:
	_speak(0, 32000)
	_talk.interrupt()
	var at: int = _wait_for("interrupted").get("at", 0)
	_speak(32000, 48000)
	_client.drop()
	_wait_for("lost")
	_wait_for("resumed")
	_speak(48000, 64000)
	_talk.flush()
	_wait_for_last(at + 32000 - 600)
	_talk.close()
	_wait_for("closed")


func _burst() -> void:
	_talk.direct(16000, {"emotion": "joy:0.8"})
	_talk.say_sound(Dialect.part(_sound, 0, 2 * 64000), true)
	_wait_for_last(64000 - 600)
	_talk.close()
	_wait_for("closed")


## In real time, piece by piece.
func _speak(from: int, to: int) -> void:
	var began := Dialect.now_ns()
	var at := from
	while at < to and not _failed:
		while Dialect.now_ns() < began + (at - from) / PIECE * PIECE_NS:
			_turn()
		if at == 16000:
			_talk.direct(16000, {"emotion": "joy:0.8"})
		_talk.say_sound(Dialect.part(_sound, 2 * at, 2 * PIECE), false)
		at += PIECE
	_turn()


func _wait_for(name: String) -> Dictionary:
	var until := Dialect.now_ns() + PATIENCE_NS
	while not _failed:
		for event in _seen:
			if event["event"] == name:
				return event
		_turn()
		if Dialect.now_ns() > until:
			_fail("%s did not come; %s" % [name, _client.why])
	return {}


func _wait_for_last(sample: int) -> void:
	var until := Dialect.now_ns() + PATIENCE_NS
	while _last_end < sample and not _failed:
		_turn()
		if Dialect.now_ns() > until:
			_fail("the last frame did not come; %s" % _client.why)


## Whatever came is printed: what the service said first, then the frames.
func _turn() -> void:
	_client.turn()
	for event in _talk.events:
		_seen.append(event)
		match event["event"]:
			"opened":
				Host.say({"event": "opened", "epoch": event["epoch"], "received": event["received"]})
			"interrupted":
				Host.say({"event": "interrupted", "epoch": event["epoch"], "at": event["at"]})
			"resumed":
				Host.say({"event": "resumed", "epoch": event["epoch"], "received": event["received"]})
			"lost":
				Host.say({"event": "lost"})
			"closed":
				Host.say({"event": "closed", "reason": event["reason"]})
			"error":
				_fail("%s: %s" % [event["code"], event["what"]])
	_talk.events = []
	for frame in _talk.frames:
		Host.say({"frame": [frame.epoch, frame.index, frame.session_sample, frame.flags,
			Host.crc32(Host.bytes_of_floats(frame.values))]})
		if frame.flags & Wire.FRAME_LAST and frame.session_sample > _last_end:
			_last_end = frame.session_sample
	_talk.frames = []
	OS.delay_usec(500)


func _fail(why: String) -> void:
	if not _failed:
		printerr(why)
	_failed = true
