## Sound at another rate.


## 16-bit mono samples at another rate, drawn between two: good enough for who hears them here, a face.
static func resampled(samples, from: int, to: int):
	if from == to or samples.size() < 4:
		return samples
	var source := StreamPeerBuffer.new()
	source.data_array = samples
	var made := StreamPeerBuffer.new()
	var count: int = samples.size() / 2
	var one: int = source.get_16()
	var next: int = source.get_16()
	var at := 0
	for i in range(count * to / from):
		var place := i * from / to
		while at < place and at + 2 < count:
			one = next
			next = source.get_16()
			at += 1
		var share := float(i * from % to) / to
		made.put_16(int(round(one + share * (next - one))))
	return made.data_array
