using System;
using System.Text;

namespace FaceRig
{
    public enum ZmtpEvent { NeedsMore, Greeting, Message, Command, Broken }

    /// Bytes of a ZeroMQ connection (ZMTP 3.0 and 3.1, mechanism NULL) in, its messages out, where they lie.
    /// Pure: it has no socket. Any bytes are safe: after `Broken` nothing more comes, and no length that the
    /// other side claims is believed before its bytes are there.
    ///
    /// https://rfc.zeromq.org/spec/23/ (3.0) and https://rfc.zeromq.org/spec/37/ (3.1)
    public sealed class ZmtpReader
    {
        internal const int GreetingBytes = 64, MechanismAt = 12, MechanismBytes = 20;
        internal const int More = 1, Long = 2, IsCommand = 4;
        const int SignatureBytes = 10, MajorAt = 10, MinorAt = 11, OldestMajor = 3;
        const int MostParts = 16;

        readonly int[] _offsets = new int[MostParts], _lengths = new int[MostParts];
        readonly long _mostBytes;
        byte[] _buffer = new byte[1 << 14];
        int _start, _at, _end; // of the message that is being read; what is read of it; what has come
        int _parts;
        bool _greeted, _taken;

        /// mostBytes: of a message.
        public ZmtpReader(long mostBytes) => _mostBytes = mostBytes;

        /// What is wrong; null while all is well.
        public string Fault { get; private set; }

        /// The minor number of the other side's version.
        public int Minor { get; private set; }

        /// Of the last message.
        public int Parts => _parts;

        public void Reset()
        {
            _start = _at = _end = _parts = Minor = 0;
            _greeted = _taken = false;
            Fault = null;
        }

        /// Where the next bytes belong. What `Part` and `Body` gave is no longer there.
        public ArraySegment<byte> Space()
        {
            Forget();
            if (_start == _end) Move(); // nothing to move
            if (_end == _buffer.Length)
            {
                if (_start > 0) Move();
                else Array.Resize(ref _buffer, 2 * _buffer.Length);
            }
            return new ArraySegment<byte>(_buffer, _end, _buffer.Length - _end);
        }

        /// So many bytes have come there.
        public void Filled(int bytes) => _end += bytes;

        /// What has come next.
        public ZmtpEvent Next()
        {
            Forget();
            if (Fault != null) return ZmtpEvent.Broken;
            if (!_greeted) return Greeting();
            while (true)
            {
                int flags, head;
                long size;
                if (!Head(out flags, out head, out size)) return Fault != null ? ZmtpEvent.Broken : ZmtpEvent.NeedsMore;
                if (size > _end - _at - head) return ZmtpEvent.NeedsMore;
                _offsets[_parts] = _at + head;
                _lengths[_parts++] = (int)size;
                _at += head + (int)size;
                if ((flags & IsCommand) != 0) return Command();
                if ((flags & More) != 0) continue;
                _taken = true;
                return ZmtpEvent.Message;
            }
        }

        /// A part of the last message.
        public ArraySegment<byte> Part(int k) => new ArraySegment<byte>(_buffer, _offsets[k], _lengths[k]);

        /// Whether the last command is this one.
        public bool Is(string command)
        {
            var at = _offsets[_parts];
            if (_buffer[at] != command.Length) return false;
            for (var k = 0; k < command.Length; k++)
                if (_buffer[at + 1 + k] != command[k]) return false;
            return true;
        }

        /// What the last command says besides its name.
        public ArraySegment<byte> Body()
        {
            var name = 1 + _buffer[_offsets[_parts]];
            return new ArraySegment<byte>(_buffer, _offsets[_parts] + name, _lengths[_parts] - name);
        }

        /// A property of a READY command; null where there is none.
        public string Property(string name)
        {
            var body = Body();
            int at = body.Offset, end = body.Offset + body.Count;
            while (at < end)
            {
                var nameBytes = _buffer[at++];
                if (nameBytes + 4 > end - at) return null;
                var found = Encoding.ASCII.GetString(_buffer, at, nameBytes);
                at += nameBytes;
                var valueBytes = Bits.Big(_buffer, at, 4);
                at += 4;
                if (valueBytes > end - at) return null;
                if (string.Equals(found, name, StringComparison.OrdinalIgnoreCase))
                    return Encoding.ASCII.GetString(_buffer, at, (int)valueBytes);
                at += (int)valueBytes;
            }
            return null;
        }

        ZmtpEvent Greeting()
        {
            var come = _end - _start;
            if (come >= 1 && _buffer[_start] != 0xff || come >= SignatureBytes && (_buffer[_start + 9] & 1) == 0)
                return Broken("who answers there speaks no ZeroMQ");
            if (come > MajorAt && _buffer[_start + MajorAt] < OldestMajor)
                return Broken("who answers there speaks an old ZeroMQ");
            if (come < GreetingBytes) return ZmtpEvent.NeedsMore;
            for (var k = 0; k < MechanismBytes; k++)
                if (_buffer[_start + MechanismAt + k] != (k < 4 ? "NULL"[k] : 0))
                    return Broken("the service asks for keys (CURVE), which this client does not speak");
            Minor = _buffer[_start + MajorAt] > OldestMajor ? 1 : _buffer[_start + MinorAt];
            _greeted = _taken = true;
            _at = _start + GreetingBytes;
            return ZmtpEvent.Greeting;
        }

        // Flags, length of the head, length of the body of the next frame; false while they have not come
        bool Head(out int flags, out int head, out long size)
        {
            flags = head = 0;
            size = 0;
            if (_end - _at < 2) return false;
            flags = _buffer[_at];
            head = (flags & Long) != 0 ? 9 : 2;
            if (flags > 7 || (flags & IsCommand) != 0 && ((flags & More) != 0 || _parts > 0))
                return Broken("the connection speaks no ZMTP") != ZmtpEvent.Broken;
            if (_end - _at < head) return false;
            size = Bits.Big(_buffer, _at + 1, head - 1);
            if (size < 0 || size > _mostBytes - (_at - _start))
                return Broken("a message is too large") != ZmtpEvent.Broken;
            return _parts < MostParts || Broken("a message has too many parts") != ZmtpEvent.Broken;
        }

        ZmtpEvent Command()
        {
            _parts = 0; // it is no part of a message
            _taken = true;
            return _lengths[0] > 0 && _buffer[_offsets[0]] < _lengths[0]
                ? ZmtpEvent.Command : Broken("a command is cut short");
        }

        ZmtpEvent Broken(string fault)
        {
            Fault = fault;
            return ZmtpEvent.Broken;
        }

        // What was given out
        void Forget()
        {
            if (!_taken) return;
            _taken = false;
            _parts = 0;
            _start = _at;
        }

        void Move()
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            for (var k = 0; k < _parts; k++) _offsets[k] -= _start;
            _at -= _start;
            _end -= _start;
            _start = 0;
        }
    }
}
