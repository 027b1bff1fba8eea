using System;

namespace FaceRig.Tests
{
    /// Messages of the service that are wrong, each in one way.
    static class Replies
    {
        const string Token = "00112233445566778899aabbccddeeff";

        // name                   what is written
        static readonly object[][] Wrong =
        {
            new object[] { "no type", new object[] { "session", 1L } },
            new object[] { "unknown type", new object[] { "type", "dance" } },
            new object[] { "a request", new object[] { "type", "ping" } },
            new object[] { "unknown key", new object[] { "type", "pong", "nombre", 1L } },
            new object[] { "key of another", new object[] { "type", "pong", "session", 1L } },
            new object[] { "missing key", new object[] { "type", "interrupted", "session", 1L, "epoch", 1L } },
            new object[] { "text for integer", new object[] { "type", "pong", "number", "1" } },
            new object[] { "number for integer", new object[] { "type", "pong", "number", 1.0 } },
            new object[] { "no session", new object[] { "type", "closed", "session", 0L } },
            new object[] { "session too large", new object[] { "type", "closed", "session", 1L << 31 } },
            new object[] { "sample below 0", new object[] { "type", "interrupted", "session", 1L, "epoch", 1L, "at", -1L } },
            new object[] { "epoch below 0", new object[] { "type", "interrupted", "session", 1L, "epoch", -1L, "at", 1L } },
            new object[] { "NaN", new object[] { "type", "pong", "number", double.NaN } },
            new object[] { "no schema", new object[] { "type", "opened", "session", 1L, "token", Token, "credit", 1L } },
            new object[] { "an integer for the schema", new object[] { "type", "opened", "session", 1L, "token", Token, "credit", 1L, "schema", 1L } },
            new object[] { "no token", new object[] { "type", "opened", "session", 1L, "token", Token.ToUpperInvariant(), "credit", 1L } },
            new object[] { "type twice", new object[] { "type", "pong", "type", "closed" } },
        };

        /// How many are refused; they all must be.
        public static int Refused()
        {
            var reply = new Reply();
            foreach (var one in Wrong)
            {
                string fault;
                var bytes = Written((object[])one[1]);
                Check.That(!reply.TryRead(bytes.Buffer, 0, bytes.Length, out fault), (string)one[0], "is taken");
            }
            return Wrong.Length + Cut(reply) + Deep(reply);
        }

        // A good one, ended at each byte, and with a byte more
        static int Cut(Reply reply)
        {
            string fault;
            var bytes = Written(new object[] { "type", "error", "code", "gap", "what", "a gap", "session", 70000L });
            Check.That(reply.TryRead(bytes.Buffer, 0, bytes.Length, out fault), "error", fault);
            for (var k = 0; k < bytes.Length; k++)
                Check.That(!reply.TryRead(bytes.Buffer, 0, k, out fault), "cut at " + k, "is taken");
            bytes.Integer(0);
            Check.That(!reply.TryRead(bytes.Buffer, 0, bytes.Length, out fault), "a byte more", "is taken");
            return bytes.Length;
        }

        // Lists in lists, and lengths that are not there: neither the stack nor memory is spent on them
        static int Deep(Reply reply)
        {
            string fault;
            var deep = new byte[100000];
            for (var k = 1; k < deep.Length; k++) deep[k] = 0x91;
            deep[0] = 0x81;
            var huge = new byte[] { 0x81, 0xa7, (byte)'f', (byte)'i', (byte)'g', (byte)'u', (byte)'r', (byte)'e', (byte)'s', 0xdf, 0x7f, 0xff, 0xff, 0xff };
            foreach (var bytes in new[] { deep, huge })
                Check.That(!reply.TryRead(bytes, 0, bytes.Length, out fault), "deep or huge", "is taken");
            return 2;
        }

        static MsgPackWriter Written(object[] pairs)
        {
            var to = new MsgPackWriter();
            to.Map(pairs.Length / 2);
            foreach (var one in pairs)
                if (one is string) to.Text((string)one);
                else if (one is double) to.Number((double)one);
                else to.Integer((long)one);
            return to;
        }
    }
}
