using System;
using System.Collections.Generic;
using System.Text;

namespace FaceRig
{
    public enum ReplyKind { Opened, Progress, Spoken, Interrupted, Closed, Pong, Statistics, Error }

    /// A message of the service. One is used again and again: `TryRead` fills it anew, and only what is rare
    /// (a schema, an error, figures) is allocated. Fields that a message does not have are as if absent.
    public sealed class Reply
    {
        const int Session_ = 1, Token_ = 2, Schema_ = 4, Epoch_ = 8, Received_ = 16, Credit_ = 32, Animated_ = 64,
                  At_ = 128, Data_ = 256, Last_ = 512, Reason_ = 1024, Number_ = 2048, ClockNs_ = 4096,
                  Figures_ = 8192, Code_ = 16384, What_ = 32768, Where_ = 65536, Fix_ = 131072, Type_ = 262144;

        // In the order of the bits
        static readonly byte[][] Keys = Ascii(
            Wire.Field.Session, Wire.Field.Token, Wire.Field.Schema, Wire.Field.Epoch, Wire.Field.Received,
            Wire.Field.Credit, Wire.Field.Animated, Wire.Field.At, Wire.Field.Data, Wire.Field.Last,
            Wire.Field.Reason, Wire.Field.Number, Wire.Field.ClockNs, Wire.Field.Figures, Wire.Field.Code,
            Wire.Field.What, Wire.Field.Where, Wire.Field.Fix, Wire.Field.Type);

        // In the order of ReplyKind
        static readonly byte[][] Tags = Ascii(
            Wire.Tag.Opened, Wire.Tag.Progress, Wire.Tag.Spoken, Wire.Tag.Interrupted, Wire.Tag.Closed,
            Wire.Tag.Pong, Wire.Tag.Statistics, Wire.Tag.Error);
        static readonly int[] Required =
        {
            Session_ | Token_ | Schema_ | Credit_, Session_, Session_ | At_ | Data_, Session_ | Epoch_ | At_,
            Session_, 0, Figures_, Code_ | What_,
        };
        static readonly int[] Optional =
        {
            Epoch_ | Received_, Epoch_ | Received_ | Animated_ | Credit_, Epoch_ | Last_, 0,
            Reason_, Number_ | ClockNs_, 0, Where_ | Fix_ | Session_,
        };

        const int LongestText = Wire.Limit.TextLongest;

        public ReplyKind Kind;
        public int Session, Epoch;
        public long Received, Animated, Credit, At, Number, ClockNs;
        public string Token, Reason, Code, What, Where, Fix;
        public bool Last;
        public Schema Schema;
        public Dictionary<string, double> Figures;

        /// Lies in the bytes that were read.
        public ArraySegment<byte> Data;

        /// False, and `fault` says why, for bytes that are no message of the service.
        public bool TryRead(byte[] data, int offset, int count, out string fault)
        {
            Clear();
            var reader = new MsgPackReader(data, offset, count);
            var known = TryFindKind(reader, out Kind);
            if (!known) reader.Wrong("has no type, or an unknown one");
            int seen = 0, allowed = Required[(int)Kind] | Optional[(int)Kind] | Type_;
            for (var left = reader.Map(); left > 0 && reader.Fault == null; left--)
            {
                var key = KeyAt(ref reader);
                if ((key & allowed) == 0) reader.Wrong("a key is unknown");
                else ReadField(key, ref reader);
                seen |= key;
            }
            if ((Required[(int)Kind] & ~seen) != 0) reader.Wrong("a key is missing");
            reader.End();
            fault = reader.Fault;
            return fault == null;
        }

        void ReadField(int key, ref MsgPackReader reader)
        {
            switch (key)
            {
                case Type_: if (Find(Tags, reader.RawText()) != (int)Kind) reader.Wrong("type comes twice"); break;
                case Session_:
                    var least = Kind == ReplyKind.Error ? 0 : Wire.Limit.SessionLeast;
                    Session = (int)reader.Within(least, Wire.Limit.SessionMost);
                    break;
                case Token_: ReadToken(ref reader); break;
                case Schema_: Schema = Schema.Read(ref reader); break;
                case Epoch_: Epoch = (int)reader.Within(Wire.Limit.EpochLeast, Wire.Limit.EpochMost); break;
                case Received_: Received = reader.Within(Wire.Limit.ReceivedLeast, Wire.Limit.ReceivedMost); break;
                case Animated_: Animated = reader.Within(Wire.Limit.AnimatedLeast, Wire.Limit.AnimatedMost); break;
                case Credit_:
                    var owed = Kind == ReplyKind.Opened ? 0 : -Wire.Limit.ReceivedMost;
                    Credit = reader.Within(owed, Wire.Limit.ReceivedMost);
                    break;
                case At_: At = reader.Within(Wire.Limit.SpokenAtLeast, Wire.Limit.AtMost); break;
                case Data_:
                    Data = reader.Bytes();
                    if (Data.Count > Wire.Limit.DataLongest) reader.Wrong("there is too much sound");
                    break;
                case Last_: Last = reader.Bool(); break;
                case Reason_: Reason = reader.Text(LongestText); break;
                case Number_: Number = reader.Integer(); break;
                case ClockNs_: ClockNs = reader.Integer(); break;
                case Figures_: ReadFigures(ref reader); break;
                case Code_: Code = reader.Text(LongestText); break;
                case What_: What = reader.Text(LongestText); break;
                case Where_: Where = reader.Text(LongestText); break;
                case Fix_: Fix = reader.Text(LongestText); break;
            }
        }

        void ReadToken(ref MsgPackReader reader)
        {
            Token = reader.Text(32);
            var right = Token.Length == 32;
            foreach (var one in Token) right &= one >= '0' && one <= '9' || one >= 'a' && one <= 'f';
            if (!right) reader.Wrong("is no token");
        }

        void ReadFigures(ref MsgPackReader reader)
        {
            Figures = new Dictionary<string, double>();
            for (var left = reader.Map(); left > 0 && reader.Fault == null; left--)
            {
                var name = reader.Text(LongestText);
                Figures[name] = reader.Number();
            }
        }

        void Clear()
        {
            Session = Epoch = 0;
            Received = Animated = Credit = At = Number = ClockNs = 0;
            Token = Code = What = Where = Fix = "";
            Reason = Wire.Absent.ClosedReason;
            Last = false;
            Schema = null;
            Figures = null;
            Data = default(ArraySegment<byte>);
        }

        // By the key `type`, wherever it is. The reader is a copy, which may be read on
        static bool TryFindKind(MsgPackReader reader, out ReplyKind kind)
        {
            kind = default(ReplyKind);
            for (var left = reader.Map(); left > 0 && reader.Fault == null; left--)
            {
                if (KeyAt(ref reader) == Type_)
                {
                    var found = Find(Tags, reader.RawText());
                    kind = (ReplyKind)Math.Max(0, found);
                    return found >= 0;
                }
                reader.Skip();
            }
            return false;
        }

        static int KeyAt(ref MsgPackReader reader)
        {
            var k = Find(Keys, reader.RawText());
            return k < 0 ? 0 : 1 << k;
        }

        internal static int Find(byte[][] among, ArraySegment<byte> text)
        {
            for (var k = 0; k < among.Length; k++)
                if (Same(among[k], text)) return k;
            return -1;
        }

        static bool Same(byte[] one, ArraySegment<byte> text)
        {
            if (one.Length != text.Count) return false;
            for (var k = 0; k < one.Length; k++)
                if (one[k] != text.Array[text.Offset + k]) return false;
            return true;
        }

        internal static byte[][] Ascii(params string[] texts)
            => Array.ConvertAll(texts, text => Encoding.ASCII.GetBytes(text));
    }
}
