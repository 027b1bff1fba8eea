using System;
using System.Collections.Generic;
using System.Text;

namespace FaceRig.Tests
{
    /// zmtp: the bytes of a ZeroMQ connection, out and in. Those that are expected are written out from the specification.
    static class Connections
    {
        public static int Run()
        {
            Written();
            Read();
            Refused();
            Console.WriteLine("{\"zmtp\": 3}");
            return 0;
        }

        static void Written()
        {
            Is("greeting", to => to.GreetingBegin(), "ff 00 00 00 00 00 00 00 01 7f 03 01");
            Is("its end", to => to.GreetingEnd(), "4e 55 4c 4c" + Zeros(48));
            Is("ready", to => to.Ready("SUB"), "04 19 05 52 45 41 44 59 0b 53 6f 63 6b 65 74 2d 54 79 70 65 00 00 00 03 53 55 42");
            Is("ping", to => to.Ping(30), "04 07 04 50 49 4e 47 00 1e");
            Is("pong", to => to.Pong(new ArraySegment<byte>(new byte[] { 9, 0, 30, 1, 2 }, 1, 4)), "04 07 04 50 4f 4e 47 01 02");
            Is("empty pong", to => to.Pong(new ArraySegment<byte>(new byte[] { 9 }, 1, 0)), "04 05 04 50 4f 4e 47");
            var topic = new byte[] { 0x61, 0 };
            Is("subscribe 3.0", to => to.Subscription(topic, true, 0), "00 03 01 61 00");
            Is("cancel 3.0", to => to.Subscription(topic, false, 0), "00 03 00 61 00");
            Is("subscribe 3.1", to => to.Subscription(topic, true, 1), "04 0c 09 53 55 42 53 43 52 49 42 45 61 00");
            Is("cancel 3.1", to => to.Subscription(topic, false, 1), "04 09 06 43 41 4e 43 45 4c 61 00");
            Is("short", to => to.Message(new byte[255], 0, 255), "00 ff" + Zeros(255));
            Is("long", to => to.Message(new byte[256], 0, 256), "02 00 00 00 00 00 00 01 00" + Zeros(256));
        }

        // However the bytes are cut, the same comes out of them
        static void Read()
        {
            var bytes = Bytes(Hello + "01 01 61 00 02 62 63 04 07 04 50 49 4e 47 00 1e 03 00 00 00 00 00 00 01 2c" + Zeros(300) + " 00 00");
            var expected = "Greeting 1; READY SUB XPUB; a|bc; PING; [300]|; ";
            for (var piece = 1; piece < 80; piece++)
            {
                var reader = new ZmtpReader(4096);
                var told = "";
                for (var at = 0; at < bytes.Length; at += piece)
                {
                    var space = reader.Space();
                    var count = Math.Min(piece, bytes.Length - at);
                    Buffer.BlockCopy(bytes, at, space.Array, space.Offset, count);
                    reader.Filled(count);
                    ZmtpEvent one;
                    while ((one = reader.Next()) != ZmtpEvent.NeedsMore) told += Told(one, reader) + "; ";
                }
                Check.That(told == expected, "pieces of " + piece, told);
            }
        }

        // What breaks a connection, and what is said of it
        static void Refused()
        {
            IsBroken("48 54 54 50", "no ZeroMQ");
            IsBroken("ff 00 00 00 00 00 00 00 01 7f 01", "old ZeroMQ");
            IsBroken("ff 00 00 00 00 00 00 00 01 7f 03 01 43 55 52 56 45" + Zeros(47), "CURVE");
            IsBroken(Hello + "08 00", "no ZMTP"); // a flag that there is not
            IsBroken(Hello + "05 01 00", "no ZMTP"); // a command with more to come
            IsBroken(Hello + "01 01 61 04 01 00", "no ZMTP"); // a command inside a message
            IsBroken(Hello + "04 00", "cut short");
            IsBroken(Hello + "04 02 05 52", "cut short"); // a name that is not all there
            IsBroken(Hello + "02 ff ff ff ff ff ff ff ff", "too large");
            IsBroken(Hello + "02 00 00 00 00 00 00 10 01", "too large"); // 4097
            var parts = Hello;
            for (var k = 0; k < 17; k++) parts += "01 00 ";
            IsBroken(parts, "too many parts");
        }

        const string Hello = "ff 00 00 00 00 00 00 00 01 7f 03 01 4e 55 4c 4c 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
            + "01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
            + "04 1a 05 52 45 41 44 59 0b 53 6f 63 6b 65 74 2d 54 79 70 65 00 00 00 04 58 50 55 42 ";

        static string Told(ZmtpEvent one, ZmtpReader reader)
        {
            if (one == ZmtpEvent.Greeting) return "Greeting " + reader.Minor;
            if (one == ZmtpEvent.Command)
                return reader.Is("READY") ? "READY SUB " + reader.Property("socket-type") : reader.Is("PING") ? "PING" : "?";
            if (one != ZmtpEvent.Message) return one.ToString();
            var parts = new List<string>();
            for (var k = 0; k < reader.Parts; k++)
            {
                var part = reader.Part(k);
                parts.Add(part.Count > 9 ? "[" + part.Count + "]" : Encoding.ASCII.GetString(part.Array, part.Offset, part.Count));
            }
            return string.Join("|", parts.ToArray());
        }

        static void IsBroken(string hex, string why)
        {
            var bytes = Bytes(hex);
            var reader = new ZmtpReader(4096);
            var space = reader.Space();
            Buffer.BlockCopy(bytes, 0, space.Array, space.Offset, bytes.Length);
            reader.Filled(bytes.Length);
            ZmtpEvent one;
            do one = reader.Next();
            while (one != ZmtpEvent.Broken && one != ZmtpEvent.NeedsMore);
            Check.That(one == ZmtpEvent.Broken && reader.Fault.Contains(why), why, one + " " + reader.Fault);
            Check.That(reader.Next() == ZmtpEvent.Broken, why, "goes on");
        }

        static void Is(string name, Action<ZmtpWriter> write, string hex)
        {
            var to = new ZmtpWriter();
            write(to);
            var written = BitConverter.ToString(to.Buffer, 0, to.Length).Replace('-', ' ').ToLowerInvariant();
            Check.That(written == hex, name, written);
        }

        static string Zeros(int count) => new StringBuilder().Insert(0, " 00", count).ToString();

        static byte[] Bytes(string hex)
            => Array.ConvertAll(hex.Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries), one => Convert.ToByte(one, 16));
    }
}
