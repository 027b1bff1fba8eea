## A connection to one service, for any number of characters: what came is taken, what is due is sent, what broke is
## opened again.
##
##     var client = Client.new("127.0.0.1", 15680, 15681)
##     var anna = client.open({"subject": "anna", "rig": "arkit"})
##     ...
##     client.turn()     # once a picture; never waits

const Dialect = preload("../dialect.gd")
const Wire = preload("../wire.gd")
const Link = preload("link.gd")
const Messages = preload("messages.gd")
const Zmtp = preload("zmtp.gd")

const MS = 1000000  # ns

var link := Link.new()
var connected := false  # both connections stand
var why := ""           # they do not
var turned_at := -1     # picture in which `turn` was called last, for characters that share a client

var _host := ""
var _control_port := 0
var _curves_port := 0
var _messages := Messages.new()
var _control = null
var _curves = null
var _control_retry := Retry.new()
var _curves_retry := Retry.new()
var _subjects := {}


func _init(host: String, control_port: int, curves_port: int) -> void:
	_host = host
	_control_port = control_port
	_curves_port = curves_port


## Begin to talk about a character: a Conversation, or null and `link.wrong`.
func open(fields: Dictionary):
	return link.open(fields)


## Everything that can be done now, without waiting.
func turn() -> void:
	var now_ns := Dialect.now_ns()
	_connect(now_ns)
	if _control != null:
		_control.turn(now_ns)
		for parts in _taken(_control):
			link.answered(parts[parts.size() - 1], now_ns)
	if _curves != null:
		_curves.turn(now_ns)
		for parts in _taken(_curves):
			if parts.size() == 2:
				link.published(parts[0], parts[1])
			else:
				link.garbage += 1
	_look_for_losses(now_ns)
	_send_due(now_ns)


## Say what is due and let go. Sound that was not sent stays unsent.
func close() -> void:
	for talk in link.conversations.values():
		talk.abandon()
	_send_due(Dialect.now_ns())
	drop()


## Let go of the connections without a word, as if the network had failed. `turn` opens others.
func drop() -> void:
	for one in [_control, _curves]:
		if one != null:
			one.close()


func _connect(now_ns: int) -> void:
	if _control == null and _control_retry.is_due(now_ns):
		_control = Zmtp.new("DEALER", ["ROUTER"])
		_control.open(_host, _control_port, now_ns)
	if _curves == null and _curves_retry.is_due(now_ns):
		_curves = Zmtp.new("SUB", ["XPUB", "PUB"])
		_curves.open(_host, _curves_port, now_ns)
		_subjects = {}


func _taken(one) -> Array:
	var all: Array = one.received
	one.received = []
	return all


func _look_for_losses(now_ns: int) -> void:
	if _curves != null and _curves.lost:
		why = "curves (%s:%d): %s" % [_host, _curves_port, _curves.why]
		_curves = null
		_curves_retry.after_loss(now_ns)
	if _control != null and _control.lost:
		why = "control (%s:%d): %s" % [_host, _control_port, _control.why]
		_control = null
		_control_retry.after_loss(now_ns)
		link.lost(now_ns)
		if _curves != null:  # a session that is taken over is heard on a new connection
			_curves.close()
			_curves = null
	connected = _control != null and _control.ready and _curves != null and _curves.ready
	if connected:
		why = ""
		_control_retry.after_success()
		_curves_retry.after_success()


## What is due, once both connections stand: who speaks before he is subscribed to loses frames.
func _send_due(now_ns: int) -> void:
	if not connected:
		return
	_hear()
	for message in link.due(now_ns):
		if not _control.send([_messages.packed(message)]):
			_control.close()  # nobody reads: what was sent is known from `received`, once there is another
			break
	_hear()
	_control.give()
	_curves.give()


## The frames of those that are talked about.
func _hear() -> void:
	for subject in link.conversations:
		if not _subjects.has(subject):
			_subjects[subject] = true
			_curves.subscribe(_topic(subject))
	for subject in _subjects.keys():
		if not link.conversations.has(subject):
			_subjects.erase(subject)
			_curves.unsubscribe(_topic(subject))


func _topic(subject: String):
	var topic = Dialect.utf8(subject)
	topic.append(0)
	return topic


## When to try again: soon at first, then once a second.
class Retry:
	var _at_ns := 0
	var _wait_ms := Wire.CLIENT_RECONNECT_MS

	func is_due(now_ns: int) -> bool:
		return now_ns >= _at_ns

	func after_loss(now_ns: int) -> void:
		_at_ns = now_ns + _wait_ms * MS
		_wait_ms = 2 * _wait_ms
		if _wait_ms > Wire.CLIENT_LONGEST_RECONNECT_MS:
			_wait_ms = Wire.CLIENT_LONGEST_RECONNECT_MS

	func after_success() -> void:
		_wait_ms = Wire.CLIENT_RECONNECT_MS
