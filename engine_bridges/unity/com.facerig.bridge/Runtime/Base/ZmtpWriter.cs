using System;
using System.Text;

namespace FaceRig
{
    /// What goes out over a ZeroMQ connection, as bytes, in a buffer that is used again.
    public sealed class ZmtpWriter
    {
        const int LongestContext = 16; // of a PING, bytes

        byte[] _buffer = new byte[1 << 12];

        public byte[] Buffer => _buffer;
        public int Length { get; private set; }

        public void Clear() => Length = 0;

        /// ZMTP 3.1, as far as the other side needs to say how it wants to be spoken to: who wants keys says so only before
        /// it has heard that there are none.
        public void GreetingBegin()
        {
            Byte(0xff);
            for (var k = 0; k < 7; k++) Byte(0);
            Byte(1);
            Byte(0x7f);
            Byte(3);
            Byte(1);
        }

        /// The rest: the mechanism NULL.
        public void GreetingEnd()
        {
            const string Mechanism = "NULL";
            foreach (var one in Mechanism) Byte(one);
            for (var k = ZmtpReader.MechanismAt + Mechanism.Length; k < ZmtpReader.GreetingBytes; k++) Byte(0);
        }

        /// socketType: DEALER or SUB.
        public void Ready(string socketType)
        {
            const string Name = "Socket-Type";
            var bytes = new byte[1 + Name.Length + 4 + socketType.Length];
            bytes[0] = (byte)Name.Length;
            Encoding.ASCII.GetBytes(Name, 0, Name.Length, bytes, 1);
            bytes[1 + Name.Length + 3] = (byte)socketType.Length;
            Encoding.ASCII.GetBytes(socketType, 0, socketType.Length, bytes, 1 + Name.Length + 4);
            Command("READY", bytes);
        }

        /// The other side may let go of the connection when nothing came for so many tenths of a second.
        public void Ping(int tenths)
        {
            CommandHead("PING", 2);
            Byte(tenths >> 8);
            Byte(tenths & 0xff);
        }

        /// The answer: what came with the PING after its time.
        public void Pong(ArraySegment<byte> ping)
        {
            var count = Math.Max(0, Math.Min(LongestContext, ping.Count - 2));
            CommandHead("PONG", count);
            if (count > 0) Bytes(ping.Array, ping.Offset + 2, count);
        }

        /// To hear what is published under a topic, or no longer. minor: of the other side's version.
        public void Subscription(byte[] topic, bool wanted, int minor)
        {
            if (minor >= 1)
            {
                Command(wanted ? "SUBSCRIBE" : "CANCEL", topic);
                return;
            }
            Head(0, topic.Length + 1);
            Byte(wanted ? 1 : 0);
            Bytes(topic, 0, topic.Length);
        }

        /// A message of one part.
        public void Message(byte[] data, int offset, int count)
        {
            Head(0, count);
            Bytes(data, offset, count);
        }

        void Command(string name, byte[] data)
        {
            CommandHead(name, data.Length);
            Bytes(data, 0, data.Length);
        }

        void CommandHead(string name, int count)
        {
            Head(ZmtpReader.IsCommand, 1 + name.Length + count);
            Byte(name.Length);
            foreach (var one in name) Byte(one);
        }

        void Head(int flags, long size)
        {
            Byte(size > 255 ? flags | ZmtpReader.Long : flags);
            for (var shift = size > 255 ? 56 : 0; shift >= 0; shift -= 8) Byte((int)(size >> shift) & 0xff);
        }

        void Byte(int value)
        {
            Room(1);
            _buffer[Length++] = (byte)value;
        }

        void Bytes(byte[] data, int offset, int count)
        {
            Room(count);
            System.Buffer.BlockCopy(data, offset, _buffer, Length, count);
            Length += count;
        }

        void Room(int bytes)
        {
            if (Length + bytes > _buffer.Length)
                Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, Length + bytes));
        }
    }
}
