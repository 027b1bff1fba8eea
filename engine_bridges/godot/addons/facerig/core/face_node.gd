extends Node
## What a FaceRigFace does: connection, voice and mesh put together, once a picture. Its settings are properties of
## facerig_face.gd, which each Godot declares in its own words.

const Clients = preload("clients.gd")
const Dialect = preload("../dialect.gd")
const Shapes = preload("shapes.gd")
const Sound = preload("sound.gd")
const Take = preload("take.gd")
const Turner = preload("turner.gd")
const Voice = preload("voice.gd")

const TELL_NS = 3000000000  # nobody answers for so long: say so
const CURVES = "curves/"    # properties of this name are curves

## The character is there: sound may come. Also after a lost connection.
signal connected
## The connection is lost ("lost": it is tried again), or the session is over (client, idle, replaced, refused ...).
signal disconnected(reason)
## `stop` was heard: what was not played is dropped.
signal interrupted
## Everything that was said up to the last flush has its face.
signal spoken
## Something could not be done: what, where, and the way out.
signal error(what, where, fix)
## A picture was shown: curves in the order of `curve_names`, the frame's index (-1 at rest), and speech, held, idle or
## rest.
signal frame(values, index, state)

var _client = null
var _talk = null          # Conversation
var _voice = null
var _rate := 0            # of the character's sound
var _names := []          # of the curves
var _shapes := Shapes.new()
var _turner := Turner.new()
var _recording = null
var _detail := 1          # as the service knows it
var _lost_ns := 0
var _told := ""           # why there is no connection, as it was said last


func _ready() -> void:
	process_priority = 1000  # after animations
	if get("connect_on_ready"):
		connect_to_service()


func _exit_tree() -> void:
	disconnect_from_service()


func _process(_delta: float) -> void:
	if _client == null:
		return
	if _client.turned_at != Dialect.picture():
		_client.turned_at = Dialect.picture()
		_client.turn()
	var now_ns := Dialect.now_ns()
	_hear()
	_complain(now_ns)
	if _talk == null:
		return
	_tell_detail()
	_voice.wait_secs = get("wait_secs")
	_voice.lead_secs = get("lead_secs")
	_voice.turn(now_ns, _talk.playout.ahead_samples() if _talk.playout != null else -1, _samples_a_frame())
	if not _talk.show(now_ns, _voice.sample()):
		return
	if _talk.names != _names:
		bind()
	var values = _talk.playout.values
	_shapes.apply(values, get("strength"), get("add_to_animation"))
	_turner.apply(values, get("strength") * get("head_strength"))
	if _recording != null:
		_recording.keep(now_ns, values)
	emit_signal("frame", values, _talk.playout.index, _talk.playout.state)


# --- connection

## Begin a session, in the background: `connected` or `error` will tell.
func connect_to_service() -> bool:
	disconnect_from_service()
	var player := _found_player()
	_rate = _rate_of(player)
	_voice = Voice.new(_rate)
	_voice.player = player
	_client = Clients.at(get("host"), get("control_port"), get("curves_port"))
	_lost_ns = Dialect.now_ns()
	_told = ""
	_detail = get("detail")
	_talk = _client.open({"subject": _found_subject(), "sample_rate": _rate, "rig": get("rig"), "fps": get("fps"),
		"pace": get("pace"), "model": get("model"), "seed": get("character_seed"), "emotion": get("emotion"),
		"alive": get("alive"), "detail": _detail})
	if _talk == null:
		var wrong: String = _client.link.wrong
		_client = null
		return _error(wrong, "open", "see the node's properties")
	return true


func disconnect_from_service() -> void:
	if _voice != null:
		_voice.stop()
	if _talk != null and not _talk.is_over():
		_talk.abandon()
		_client.turn()
		_client.link.forget(_talk)
	_talk = null
	_client = null


func is_connected_to_service() -> bool:
	return _talk != null and _talk.session != 0


# --- what the game wants

## Speak a line and play it: it begins as soon as its first faces are there. WAV; from Godot 4.4 on also OGG and MP3.
## False, and `error`, if the stream gives no samples.
func speak(stream) -> bool:
	var sound: Dictionary = Dialect.sound_of(stream)
	if sound.has("wrong"):
		return _error(sound["wrong"], "speak", "see the addon's README")
	var samples = Sound.resampled(sound["samples"], sound["rate"], _rate)
	var begins := _send(samples, true)
	if begins >= 0:
		_voice.add_line(begins, samples.size() / 2, stream)
	return begins >= 0


## Speak sound as it comes, from a generator or a microphone: mono floats in [-1, 1], at the rate of `sound_rate`. It
## is heard a look-ahead later. End a sentence with `flush`.
func feed(samples) -> bool:
	var bytes = Dialect.s16_of_floats(samples)
	var begins := _send(bytes, false)
	if begins >= 0:
		_voice.add_live(begins, bytes)
	return begins >= 0


## The sentence is over.
func flush() -> void:
	if _is_usable("flush"):
		_talk.flush()
		_voice.end_live()


## Speak a text with the service's voice, if it has one.
func say(text: String, voice := "") -> bool:
	if not _is_usable("say"):
		return false
	return _talk.say(text, voice) or _error(_talk.wrong, "say", "give 1 to 20000 characters")


## Stop speaking now: the mouth comes to rest.
func stop() -> void:
	if _talk != null:
		_voice.stop()
		_talk.interrupt()


func is_speaking() -> bool:
	return _voice != null and _voice.is_speaking()


## Act otherwise, from now on or from a sample of the sound: {"emotion": "joy:0.6", "transition_secs": 0.5}.
func direct(wishes: Dictionary, at := -1) -> bool:
	if not _is_usable("direct"):
		return false
	return _talk.direct(at, wishes) or _error(_talk.wrong, "direct", "see `direct` in PROTOCOL.md")


## From now on: joy:0.6, a mixture, or plain words.
func feel(what: String) -> bool:
	return direct({"emotion": what})


func blink() -> bool:
	return direct({"blink": true})


## Look at a point: metres to its left, up and ahead of its eyes.
func look_at_offset(left: float, up: float, ahead: float) -> bool:
	return direct({"gaze": [left, up, ahead]})


# --- what a game may want to know

## Of the character's sound, Hz.
func sound_rate() -> int:
	return _rate


## The sample of its sound that is heard now; -1: none.
func heard_sample() -> int:
	return _voice.sample() if _voice != null else -1


func curve_names() -> Array:
	return _names


## A curve as it is shown now.
func curve(name: String) -> float:
	var at := _names.find(name)
	return _talk.playout.values[at] if at >= 0 and _talk != null and _talk.playout != null else 0.0


## Curves that nothing shows.
func unused_curves() -> Array:
	var out: Array = _shapes.unused.duplicate()
	for at in _turner.used():
		out.erase(_names[at])
	return out


## What became of frames.
func counts() -> Dictionary:
	var of = _talk.playout if _talk != null else null
	return {} if of == null else {"received": of.received, "lost": of.lost, "held": of.held, "stale": of.stale,
		"twice": of.twice, "dropped": of.dropped}


# --- recording

func record() -> void:
	_recording = Take.new()


## The recording as an animation of the blend shapes, for a player whose root is `from`.
func recorded(from: Node) -> Animation:
	var tracks := []
	for one in _shapes.driven():
		tracks.append([one[0], str(from.get_path_to(one[1])), one[2], one[3]])
	var take = _recording if _recording != null else Take.new()
	_recording = null
	return take.animation(tracks)


# --- what comes

func _hear() -> void:
	var events: Array = _talk.events if _talk != null else []
	if _talk != null:
		_talk.events = []
	for event in events:
		match event["event"]:
			"opened", "resumed":
				_told = ""
				bind()
				emit_signal("connected")
			"lost":
				_lost_ns = Dialect.now_ns()
				emit_signal("disconnected", "lost")
			"closed":
				_voice.stop()
				emit_signal("disconnected", event["reason"])
			"interrupted":
				emit_signal("interrupted")
			"spoken":
				_voice.add_live(event["at"], event["data"])
				if event["last"]:
					_voice.end_live()
			"silent":
				_voice.faces_are_there()
				emit_signal("spoken")
			"error":
				_error(event["what"], event["where"], event["fix"])
	if _talk != null and _talk.is_over():
		_talk = null


## Nobody answers: said once for each reason, while it is tried again.
func _complain(now_ns: int) -> void:
	if _talk == null or _talk.session != 0 or now_ns - _lost_ns < TELL_NS:
		return
	if _client.why != "" and _client.why != _told:
		_told = _client.why
		_error(_told, "connect", "start one: facerig serve")


func _samples_a_frame() -> int:
	var of: Dictionary = _talk.schema
	return 0 if of.size() == 0 else int(_detail * of["sample_rate"] * of["fps"][1] / of["fps"][0])


func _tell_detail() -> void:
	if _talk.session != 0 and get("detail") != _detail:
		_detail = get("detail")
		direct({"detail": _detail})


func _send(samples, flushed: bool) -> int:
	if not _is_usable("speak"):
		return -1
	var begins: int = _talk.say_sound(samples, flushed)
	if begins < 0:
		_error(_talk.wrong, "speak", "say less at once")
	return begins


func _is_usable(what: String) -> bool:
	return _talk != null or _error("there is no session", what, "call connect_to_service()")


func _error(what: String, where: String, fix: String) -> bool:
	emit_signal("error", what, where, fix)
	return false


# --- what belongs to it

## Curves and meshes find each other by name: again, after meshes were exchanged.
func bind() -> void:
	if _talk == null or _talk.playout == null:
		return
	_names = _talk.names
	var mapping = get("mapping")
	_shapes.bind(_names, _found_meshes(), mapping.shapes if mapping != null else {})
	_turner.faces_back = get("faces_back")
	_turner.bind(_names, {"head": [_at("head"), get("head_bone")], "leftEye": [_at("left_eye"), get("left_eye_bone")],
		"rightEye": [_at("right_eye"), get("right_eye_bone")]})


func _found_meshes() -> Array:
	var out := []
	for path in get("meshes"):
		var one = get_node_or_null(path)
		if one != null:
			out.append(one)
	if get("meshes").size() == 0 and get_parent() != null:
		_gather(get_parent(), out)
	return out


func _gather(node: Node, out: Array) -> void:
	if Dialect.shape_names(node).size() > 0:
		out.append(node)
	for child in node.get_children():
		_gather(child, out)


func _at(property: String) -> Node:
	var path = get(property)
	return get_node_or_null(path) if path != null and not path.is_empty() else null


func _found_subject() -> String:
	var told: String = get("subject")
	return told if told != "" else str(get_parent().name if get_parent() != null else name)


func _found_player() -> Node:
	var found := _at("player")
	if found == null:
		found = AudioStreamPlayer.new()
		found.name = "Voice"
		add_child(found)
		set("player", get_path_to(found))
	return found


func _rate_of(player: Node) -> int:
	if get("sample_rate") > 0:
		return get("sample_rate")
	var own := Dialect.rate_of(player.get("stream"))
	return own if own > 0 else int(AudioServer.get_mix_rate())


func _get(property):
	return curve(str(property).substr(CURVES.length())) if str(property).begins_with(CURVES) else null


func _get_property_list() -> Array:
	var out := []
	for one in _names:
		out.append({"name": CURVES + one, "type": TYPE_NIL, "usage": 0})
	return out
