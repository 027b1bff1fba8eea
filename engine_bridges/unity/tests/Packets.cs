using System;
using System.Collections.Generic;
using System.IO;
using System.Text;

namespace FaceRig.Tests
{
    /// packets FOLDER: messages become the golden packets, and those become messages again; what must be refused is.
    static class Packets
    {
        public static int Run(string folder)
        {
            int same = 0, refused = 0;
            foreach (var one in Json.Map(Json.Read(File.ReadAllText(Path.Combine(folder, "index.json")))))
            {
                var told = Json.Map(one.Value);
                var bytes = File.ReadAllBytes(Path.Combine(folder, one.Key + ".bin"));
                if (told.ContainsKey("refused")) refused += Refused(one.Key, bytes, (string)told["kind"]);
                else if (told.ContainsKey("frame")) same += IsFrame(one.Key, bytes, Json.Map(told["frame"]));
                else if ((string)told["kind"] == "request") same += IsWritten(one.Key, bytes, Json.Map(told["message"]));
                else same += IsRead(one.Key, bytes, Json.Map(told["message"]));
            }
            Console.WriteLine("{\"same\": " + same + ", \"refused\": " + (refused + Replies.Refused()) + "}");
            return 0;
        }

        static int IsWritten(string name, byte[] bytes, Dictionary<string, object> message)
        {
            var to = new MsgPackWriter();
            Write(to, message);
            var written = new byte[to.Length];
            Array.Copy(to.Buffer, written, to.Length);
            Check.That(Convert.ToBase64String(written) == Convert.ToBase64String(bytes), name, "other bytes are written");
            return 1;
        }

        static void Write(MsgPackWriter to, Dictionary<string, object> message)
        {
            Func<string, long> number = key => (long)message[key];
            Func<string, string> text = key => (string)message[key];
            switch (text("type"))
            {
                case "open": Requests.Open(to, text("subject"), Options(message)); break;
                case "resume": Requests.Resume(to, text("token")); break;
                case "audio":
                    var data = Bytes(text("data"));
                    Requests.Audio(to, (int)number("session"), (int)number("epoch"), number("at"), data, 0, data.Length);
                    break;
                case "direct": Requests.Direct(to, (int)number("session"), number("at"), Wish(message)); break;
                case "say": Requests.Say(to, (int)number("session"), text("text"), text("voice")); break;
                case "ping": Requests.Ping(to, number("number")); break;
                case "statistics": Requests.Statistics(to); break;
                default: Requests.OfSession(to, text("type"), (int)number("session")); break;
            }
        }

        static CharacterOptions Options(Dictionary<string, object> message)
            => new CharacterOptions
            {
                SampleRate = (int)(long)message["sample_rate"], Encoding = (string)message["encoding"],
                Fps = (string)message["fps"], Rig = (string)message["rig"], Pace = (string)message["pace"],
                Model = (string)message["model"], Seed = (long)message["seed"], Mode = (string)message["mode"],
                Emotion = (string)message["emotion"], Alive = (bool)message["alive"], Detail = (int)(long)message["detail"],
            };

        static Direction Wish(Dictionary<string, object> message)
        {
            var gaze = message["gaze"] as List<object>;
            var layers = message["layers"] as Dictionary<string, object>;
            var wish = new Direction
            {
                Emotion = (string)message["emotion"], GazeAt = message["gaze"] as string, Blink = (bool)message["blink"],
                Gaze = gaze == null ? null : gaze.ConvertAll(Convert.ToDouble).ToArray(),
                Mode = (string)message["mode"], Attitude = (string)message["attitude"], Style = (string)message["style"],
                Layers = layers == null ? null : new Dictionary<string, double>(),
            };
            if (message["transition_secs"] != null) wish.TransitionSecs = Convert.ToDouble(message["transition_secs"]);
            if (message["detail"] != null) wish.Detail = (int)(long)message["detail"];
            if (layers != null)
                foreach (var layer in layers) wish.Layers.Add(layer.Key, Convert.ToDouble(layer.Value));
            return wish;
        }

        static int IsRead(string name, byte[] bytes, Dictionary<string, object> message)
        {
            string fault;
            if (message.ContainsKey("curves"))
            {
                Schema schema;
                Check.That(Schema.TryRead(bytes, 0, bytes.Length, out schema, out fault), name, fault);
                return IsSchema(name, schema, message);
            }
            var reply = new Reply();
            Check.That(reply.TryRead(bytes, 0, bytes.Length, out fault), name, fault);
            Check.That(reply.Kind.ToString().ToLowerInvariant() == (string)message["type"], name, "type " + reply.Kind);
            foreach (var field in message)
                if (field.Key == "schema") IsSchema(name, reply.Schema, Json.Map(field.Value));
                else if (field.Key == "figures") Check.That(Same(reply.Figures, Json.Map(field.Value)), name, "figures");
                else if (field.Key == "data") Check.That(Same(reply.Data, Bytes((string)field.Value)), name, "data");
                else if (field.Key != "type")
                {
                    var has = typeof(Reply).GetField(field.Key.Replace("_", ""), Any).GetValue(reply);
                    if (has is int) has = (long)(int)has;
                    Check.That(Equals(has, field.Value), name, field.Key + " is " + has);
                }
            return 1;
        }

        const System.Reflection.BindingFlags Any = System.Reflection.BindingFlags.IgnoreCase
            | System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Instance;

        static int IsSchema(string name, Schema schema, Dictionary<string, object> told)
        {
            var fps = Json.List(told["fps"]);
            Check.That(schema.Subject == (string)told["subject"] && schema.Rig == (string)told["rig"]
                       && schema.SampleRate == (long)told["sample_rate"] && schema.FpsNumerator == (long)fps[0]
                       && schema.FpsDenominator == (long)fps[1]
                       && schema.LatencySamples == (long)told["latency_samples"], name, "another schema");
            var curves = Json.List(told["curves"]);
            Check.That(curves.Count == schema.Curves.Length, name, "other curves");
            for (var k = 0; k < curves.Count; k++)
            {
                var curve = Json.Map(curves[k]);
                Check.That(schema.Curves[k].Name == (string)curve["name"]
                           && schema.Curves[k].Low == (float)Convert.ToDouble(curve["low"])
                           && schema.Curves[k].High == (float)Convert.ToDouble(curve["high"]), name, "curve " + k);
            }
            return 1;
        }

        static int IsFrame(string name, byte[] bytes, Dictionary<string, object> told)
        {
            FrameHeader header;
            string fault;
            Check.That(FrameHeader.TryRead(bytes, 0, bytes.Length, out header, out fault), name, fault);
            Check.That(header.Epoch == (long)told["epoch"] && header.Index == (long)told["index"]
                       && header.Sample == (long)told["sample"] && header.Flags == (long)told["flags"], name, "header");
            var expected = Json.List(told["values"]).ConvertAll(Convert.ToSingle);
            var values = new float[header.Count];
            header.CopyValues(bytes, values);
            for (var k = 0; k < values.Length; k++) Check.That(values[k] == expected[k], name, "value " + k);
            Check.That(values.Length == expected.Count, name, "other values");
            return 1;
        }

        static int Refused(string name, byte[] bytes, string kind)
        {
            FrameHeader header;
            Schema schema;
            string fault;
            var taken = kind == "request" ? new Reply().TryRead(bytes, 0, bytes.Length, out fault)
                : FrameHeader.TryRead(bytes, 0, bytes.Length, out header, out fault)
                  || Schema.TryRead(bytes, 0, bytes.Length, out schema, out fault);
            Check.That(!taken && fault.Length > 0, name, "is taken");
            return 1;
        }

        static bool Same(ArraySegment<byte> one, byte[] other)
            => Encoding.ASCII.GetString(other) == Encoding.ASCII.GetString(one.Array, one.Offset, one.Count);

        static bool Same(Dictionary<string, double> one, Dictionary<string, object> other)
        {
            foreach (var figure in other)
                if (one[figure.Key] != Convert.ToDouble(figure.Value)) return false;
            return one.Count == other.Count;
        }

        static byte[] Bytes(string hex)
        {
            var bytes = new byte[hex.Length / 2];
            for (var k = 0; k < bytes.Length; k++) bytes[k] = Convert.ToByte(hex.Substring(2 * k, 2), 16);
            return bytes;
        }
    }

    sealed class Failed : Exception
    {
        public Failed(string what) : base(what) { }
    }

    static class Check
    {
        public static void That(bool right, string where, string what)
        {
            if (!right) throw new Failed(where + ": " + what);
        }
    }
}
