using System;
using System.Text;

namespace FaceRig
{
    /// Writes msgpack into a buffer that is used again: nothing is allocated once it is large enough.
    public sealed class MsgPackWriter
    {
        static readonly Encoding Utf8 = new UTF8Encoding(false);
        byte[] _buffer = new byte[1024];

        public byte[] Buffer => _buffer;
        public int Length { get; private set; }

        public void Clear() => Length = 0;

        public void Map(int entries) => Head(entries, 0x80, 16, 0xde, 0xdf);

        public void Array(int entries) => Head(entries, 0x90, 16, 0xdc, 0xdd);

        public void Bool(bool value) => Byte(value ? 0xc3 : 0xc2);

        public void Integer(long value)
        {
            if (value >= 0)
            {
                if (value < 0x80) Byte((int)value);
                else if (value <= 0xff) Big(0xcc, value, 1);
                else if (value <= 0xffff) Big(0xcd, value, 2);
                else if (value <= 0xffffffffL) Big(0xce, value, 4);
                else Big(0xcf, value, 8);
            }
            else if (value >= -32) Byte((int)(value & 0xff));
            else if (value >= sbyte.MinValue) Big(0xd0, value, 1);
            else if (value >= short.MinValue) Big(0xd1, value, 2);
            else if (value >= int.MinValue) Big(0xd2, value, 4);
            else Big(0xd3, value, 8);
        }

        public void Number(double value) => Big(0xcb, BitConverter.DoubleToInt64Bits(value), 8);

        public void Text(string value)
        {
            var length = Utf8.GetByteCount(value);
            if (length < 32) Byte(0xa0 | length);
            else if (length <= 0xff) Big(0xd9, length, 1);
            else if (length <= 0xffff) Big(0xda, length, 2);
            else Big(0xdb, length, 4);
            Room(length);
            Utf8.GetBytes(value, 0, value.Length, _buffer, Length);
            Length += length;
        }

        public void Bytes(byte[] data, int offset, int count)
        {
            if (count <= 0xff) Big(0xc4, count, 1);
            else if (count <= 0xffff) Big(0xc5, count, 2);
            else Big(0xc6, count, 4);
            Room(count);
            System.Buffer.BlockCopy(data, offset, _buffer, Length, count);
            Length += count;
        }

        public void Pair(string key, string value)
        {
            Text(key);
            Text(value);
        }

        public void Pair(string key, long value)
        {
            Text(key);
            Integer(value);
        }

        public void Pair(string key, double value)
        {
            Text(key);
            Number(value);
        }

        public void Pair(string key, bool value)
        {
            Text(key);
            Bool(value);
        }

        void Head(int entries, int small, int fewerThan, int medium, int large)
        {
            if (entries < fewerThan) Byte(small | entries);
            else if (entries <= 0xffff) Big(medium, entries, 2);
            else Big(large, entries, 4);
        }

        void Byte(int value)
        {
            Room(1);
            _buffer[Length++] = (byte)value;
        }

        // A tag and the low bytes of a value, the highest first
        void Big(int tag, long value, int bytes)
        {
            Room(bytes + 1);
            _buffer[Length++] = (byte)tag;
            for (var shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
                _buffer[Length++] = (byte)(value >> shift);
        }

        void Room(int bytes)
        {
            if (Length + bytes > _buffer.Length)
                System.Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, Length + bytes));
        }
    }
}
