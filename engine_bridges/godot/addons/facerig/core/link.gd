## A client's side of one service, without sockets: who is opened when, whose an answer is, what a loss means.
##
## One `open` or `resume` is under way at a time, so that an answer without a session is known to be its own.

const Dialect = preload("../dialect.gd")
const Wire = preload("../wire.gd")
const Conversation = preload("conversation.gd")
const FrameReader = preload("frame_reader.gd")
const Messages = preload("messages.gd")

const MS = 1000000  # ns
const NEVER = -1

var conversations := {}  # by subject
var figures := {}        # of the service, when it was asked
var clock_ns := 0        # of the service, as the last pong said it
var pong_number := -1
var garbage := 0         # messages of the service that could not be read
var losses := 0
var wrong := ""          # why the last `open` was refused here

var _messages := Messages.new()
var _frames := FrameReader.new()
var _greeted = null
var _queue := []
var _retry_ns := 0
var _ping_ns := NEVER
var _extra := []
var _heard := {}         # subjects of which something came from the curves' socket
var _deaf := {}          # the others that are open, and since when


## Begin to talk about a character; null for wrong fields, or for a subject that is open.
func open(fields: Dictionary):
	var message := fields.duplicate()
	message["type"] = "open"
	var opening = _messages.checked(message, Messages.REQUESTS)
	wrong = _messages.wrong
	if opening == null:
		return null
	if opening["encoding"] != "s16":
		wrong = "$.encoding: this client sends s16"
		return null
	if conversations.has(opening["subject"]):
		wrong = "%s is open already: close it, or choose another subject" % opening["subject"]
		return null
	var talk := Conversation.new(opening)
	conversations[opening["subject"]] = talk
	_queue.append(talk)
	return talk


## Its name is free again.
func forget(talk) -> void:
	var subject: String = talk.opening["subject"]
	if conversations.get(subject) == talk:
		conversations.erase(subject)
		_heard.erase(subject)
		_deaf.erase(subject)
	_queue.erase(talk)
	if _greeted == talk:
		_greeted = null


func ask(message: Dictionary) -> void:
	_extra.append(message)


# --- what goes out

## Messages that may be sent now; they count as sent.
func due(now_ns: int) -> Array:
	var all := _extra
	_extra = []
	while _greeted == null and _queue.size() > 0 and now_ns >= _retry_ns:
		var talk = _queue.pop_front()
		if not talk.is_over():
			_greeted = talk
			all.append(talk.greeting())
	for talk in conversations.values():
		var subject: String = talk.opening["subject"]
		if not _deaf.has(subject) or now_ns - _deaf[subject] >= Wire.CLIENT_SCHEMA_WAIT_MS * MS:
			all += talk.due()
		if talk.is_over():
			forget(talk)
	if _ping_ns == NEVER or now_ns - _ping_ns >= Wire.CLIENT_PING_MS * MS:
		if _ping_ns != NEVER:
			all.append({"type": "ping"})
		_ping_ns = now_ns
	return all


# --- what comes in

## Bytes from the control socket.
func answered(bytes, now_ns: int) -> void:
	var answer = _messages.read(bytes, Messages.REPLIES)
	if answer == null:
		garbage += 1
		return
	match answer["type"]:
		"statistics":
			figures = answer["figures"]
		"opened":
			_opened(answer, now_ns)
		"pong":
			clock_ns = answer["clock_ns"]
			pong_number = answer["number"]
		_:
			if answer["type"] == "error" and answer["session"] == 0:
				_not_opened(answer, now_ns)
			else:
				_told(answer, now_ns)


## Topic and bytes from the curves' socket.
func published(topic, bytes) -> void:
	var talk = _of_topic(topic)
	if talk == null:
		return
	if _frames.is_frame(bytes):
		var frame = _frames.read(bytes)
		if frame == null:
			garbage += 1
			return
		talk.framed(frame)
	elif _messages.read(bytes, Messages.SCHEMAS) == null:
		garbage += 1
		return
	_heard[talk.opening["subject"]] = true
	_deaf.erase(talk.opening["subject"])


## The connection is gone: everybody is taken over, by token, once there is another.
func lost(now_ns: int) -> void:
	losses += 1
	_queue = []
	for talk in conversations.values():
		talk.lost()
		if not talk.is_over():
			_queue.append(talk)
	_greeted = null
	_retry_ns = now_ns
	_deaf = {}
	_heard = {}


func _of_topic(topic):
	var length: int = topic.size() - 1
	if length < 1 or topic[length] != 0:
		return null
	var name = Dialect.part(topic, 0, length)
	for one in name:
		if one == 0 or one > 0x7e:  # most names are plain letters
			return _of_foreign_name(name)
	return conversations.get(Dialect.text_of(name))


func _of_foreign_name(name):
	for subject in conversations:
		if Dialect.utf8(subject) == name:
			return conversations[subject]
	return null


func _opened(answer: Dictionary, now_ns: int) -> void:
	var subject: String = answer["schema"]["subject"]
	var talk = conversations.get(subject)
	if talk == null or talk.session != 0 or talk.is_over():
		garbage += 1
		return
	if _greeted == talk:
		_greeted = null
	_queue.erase(talk)
	talk.opened(answer)
	if not _heard.has(subject):
		_deaf[subject] = now_ns


func _not_opened(answer: Dictionary, now_ns: int) -> void:
	var talk = _greeted
	_greeted = null
	if talk == null:
		garbage += 1
	elif answer["code"] == Wire.CLIENT_LATER:
		_queue.append(talk)
		_retry_ns = now_ns + Wire.CLIENT_RETRY_MS * MS
	elif talk.token != "":  # it cannot go on: the service is another one, or has given it up
		talk.token = ""
		_queue.push_front(talk)
	elif talk.playout == null:  # it was never open
		talk.refused(answer)
		talk.ended("refused")
		forget(talk)
	else:  # it was open, and will be again when there is room
		_queue.append(talk)
		_retry_ns = now_ns + Wire.CLIENT_RETRY_MS * MS


func _told(answer: Dictionary, now_ns: int) -> void:
	var talk = null
	for one in conversations.values():
		if one.session == answer["session"]:
			talk = one
	if talk == null or answer["session"] == 0:
		return  # of one that was closed meanwhile
	match answer["type"]:
		"progress":
			talk.progressed(answer)
		"interrupted":
			talk.interrupted(answer)
		"spoken":
			talk.heard(answer)
		"error":
			if answer["code"] in Wire.CLIENT_OUT_OF_STEP:
				_again(talk, now_ns)
			else:
				talk.refused(answer)
		"closed":
			if answer["reason"] == "shutdown":  # there will be another
				_again(talk, now_ns)
			else:
				talk.ended(answer["reason"])
				forget(talk)


func _again(talk, now_ns: int) -> void:
	talk.lost()
	if not talk in _queue:
		_queue.append(talk)
	_retry_ns = now_ns + Wire.CLIENT_RETRY_MS * MS
