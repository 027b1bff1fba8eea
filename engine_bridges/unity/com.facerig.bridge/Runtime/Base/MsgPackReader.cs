using System;
using System.Text;

namespace FaceRig
{
    /// Reads msgpack in place. Any bytes are safe: what is wrong is kept in `Fault`, everything read after it
    /// is empty, nothing is read beyond the end, and no length that a message claims is believed before its
    /// bytes are there.
    public struct MsgPackReader
    {
        const int Deepest = 16;
        static readonly Encoding Utf8 = new UTF8Encoding(false, true);

        readonly byte[] _data;
        readonly int _end;
        int _at;

        /// What was wrong first; null while all is well.
        public string Fault { get; private set; }

        public MsgPackReader(byte[] data, int offset, int count)
        {
            _data = data;
            _at = offset;
            _end = offset + count;
            Fault = null;
        }

        public int At => _at;

        /// The number of entries of a map; each is a key and a value.
        public int Map() => Head(0x80, 0x8f, 0xde, 2, "a map");

        /// The number of entries of a list.
        public int Array() => Head(0x90, 0x9f, 0xdc, 1, "a list");

        public long Integer()
        {
            var tag = Tag();
            if (tag < 0x80) return tag;
            if (tag >= 0xe0) return (sbyte)tag;
            switch (tag)
            {
                case 0xcc: return Big(1);
                case 0xcd: return Big(2);
                case 0xce: return Big(4);
                case 0xcf:
                    var large = Big(8);
                    return large >= 0 ? large : Wrong("an integer is too large");
                case 0xd0: return (sbyte)Big(1);
                case 0xd1: return (short)Big(2);
                case 0xd2: return (int)Big(4);
                case 0xd3: return Big(8);
            }
            return Wrong("expected an integer");
        }

        public long Within(long least, long most)
        {
            var value = Integer();
            return value >= least && value <= most ? value : Wrong("an integer is out of range");
        }

        /// Also an integer is a number. Neither NaN nor infinity is.
        public double Number()
        {
            var tag = Peek();
            if (tag != 0xca && tag != 0xcb) return Integer();
            _at++;
            var value = tag == 0xca ? Bits.Single((int)Big(4)) : BitConverter.Int64BitsToDouble(Big(8));
            return double.IsNaN(value) || double.IsInfinity(value) ? Wrong("a number is not finite") : value;
        }

        public double NumberWithin(double least, double most)
        {
            var value = Number();
            return value >= least && value <= most ? value : Wrong("a number is out of range");
        }

        public bool Bool()
        {
            var tag = Tag();
            if (tag != 0xc2 && tag != 0xc3) Wrong("expected true or false");
            return tag == 0xc3;
        }

        /// Bytes of a text, where they lie: for keys.
        public ArraySegment<byte> RawText()
        {
            var tag = Tag();
            if (tag >= 0xa0 && tag <= 0xbf) return Slice(tag & 0x1f);
            if (tag < 0xd9 || tag > 0xdb) return Empty("expected a text");
            return Slice(Big(1 << (tag - 0xd9)));
        }

        public string Text(int mostCharacters)
        {
            var raw = RawText();
            if (Fault != null) return "";
            if (raw.Count > 4 * (long)mostCharacters) return TooLong();
            try
            {
                var text = Utf8.GetString(raw.Array, raw.Offset, raw.Count);
                return Characters(text) <= mostCharacters ? text : TooLong();
            }
            catch (DecoderFallbackException)
            {
                Wrong("a text is no UTF-8");
                return "";
            }
        }

        /// Bytes, where they lie.
        public ArraySegment<byte> Bytes()
        {
            var tag = Tag();
            return tag < 0xc4 || tag > 0xc6 ? Empty("expected bytes") : Slice(Big(1 << (tag - 0xc4)));
        }

        /// Passes over one value, whatever it is.
        public void Skip() => Skip(Deepest);

        /// That nothing is left.
        public void End()
        {
            if (_at != _end) Wrong("goes on after its end");
        }

        public long Wrong(string what)
        {
            Fault = Fault ?? what;
            _at = _end;
            return 0;
        }

        void Skip(int deeper)
        {
            if (deeper == 0) Wrong("is nested too deeply");
            var tag = Peek();
            if (Fault != null) return;
            if (tag >= 0x80 && tag <= 0x8f || tag == 0xde || tag == 0xdf)
                for (var left = 2 * (long)Map(); left > 0 && Fault == null; left--) Skip(deeper - 1);
            else if (tag >= 0x90 && tag <= 0x9f || tag == 0xdc || tag == 0xdd)
                for (var left = Array(); left > 0 && Fault == null; left--) Skip(deeper - 1);
            else if (tag >= 0xa0 && tag <= 0xbf || tag >= 0xd9 && tag <= 0xdb) RawText();
            else if (tag >= 0xc4 && tag <= 0xc6) Bytes();
            else if (tag == 0xc2 || tag == 0xc3) Bool();
            else if (tag == 0xc0) _at++;
            else Number();
        }

        // Entries of a list or map, each of at least so many bytes
        int Head(int first, int last, int medium, int bytesEach, string what)
        {
            var tag = Tag();
            long entries = tag & 0x0f;
            if (tag == medium) entries = Big(2);
            else if (tag == medium + 1) entries = Big(4);
            else if (tag < first || tag > last) entries = Wrong("expected " + what);
            return entries * bytesEach <= _end - _at ? (int)entries : (int)Wrong("ends too early");
        }

        int Peek() => _at < _end ? _data[_at] : (int)Wrong("ends too early");

        int Tag()
        {
            var tag = Peek();
            if (Fault == null) _at++;
            else tag = 0xc1; // is no msgpack
            return tag;
        }

        long Big(int bytes)
        {
            if (bytes > _end - _at) return Wrong("ends too early");
            var value = Bits.Big(_data, _at, bytes);
            _at += bytes;
            return value;
        }

        ArraySegment<byte> Slice(long bytes)
        {
            if (bytes > _end - _at) return Empty("ends too early");
            var slice = new ArraySegment<byte>(_data, _at, (int)bytes);
            _at += (int)bytes;
            return slice;
        }

        ArraySegment<byte> Empty(string fault)
        {
            Wrong(fault);
            return new ArraySegment<byte>(_data, _end, 0);
        }

        // As Unicode counts them: two halves are one
        static int Characters(string text)
        {
            var count = text.Length;
            foreach (var one in text)
                if (char.IsLowSurrogate(one)) count--;
            return count;
        }

        string TooLong()
        {
            Wrong("a text is too long");
            return "";
        }
    }
}
