using System;

namespace FaceRig
{
    /// A curve of the rig: its name and range.
    public struct Curve
    {
        public string Name;
        public float Low, High;
    }

    /// What frames of a character mean. Values come in the order of `Curves`; use the names.
    public sealed class Schema
    {
        public string Subject, Rig;

        /// Frames a second, as a fraction: 29.97 is 30000/1001.
        public int FpsNumerator, FpsDenominator;
        public int SampleRate;

        /// The look-ahead: a face needs sound that is so much later.
        public long LatencySamples;
        public Curve[] Curves;

        public bool Equals(Schema other)
        {
            if (other == null || Subject != other.Subject || Rig != other.Rig || FpsNumerator != other.FpsNumerator
                || FpsDenominator != other.FpsDenominator || SampleRate != other.SampleRate
                || LatencySamples != other.LatencySamples || Curves.Length != other.Curves.Length) return false;
            for (var k = 0; k < Curves.Length; k++)
                if (Curves[k].Name != other.Curves[k].Name || Curves[k].Low != other.Curves[k].Low
                    || Curves[k].High != other.Curves[k].High) return false;
            return true;
        }

        /// A face at rest: zeros, in each curve's range.
        public float[] Rest()
        {
            var rest = new float[Curves.Length];
            for (var k = 0; k < rest.Length; k++)
                rest[k] = Math.Min(Math.Max(0, Curves[k].Low), Curves[k].High);
            return rest;
        }

        #region Reading

        const int Type_ = 1, Subject_ = 2, Rig_ = 4, Fps_ = 8, SampleRate_ = 16, LatencySamples_ = 32,
                  Curves_ = 64, AllButType = 126;
        const int FastestRate = 1000000; // Hz, so that no product of rates is too large
        static readonly byte[][] Keys = Reply.Ascii(
            Wire.Field.Type, Wire.Field.Subject, Wire.Field.Rig, Wire.Field.Fps, Wire.Field.SampleRate,
            Wire.Field.LatencySamples, Wire.Field.Curves);
        static readonly byte[][] CurveKeys = Reply.Ascii(Wire.Field.Name, Wire.Field.Low, Wire.Field.High);

        /// False, and `fault` says why, for bytes that are no schema.
        public static bool TryRead(byte[] data, int offset, int count, out Schema schema, out string fault)
        {
            var reader = new MsgPackReader(data, offset, count);
            schema = Read(ref reader);
            reader.End();
            fault = reader.Fault;
            return fault == null;
        }

        internal static Schema Read(ref MsgPackReader reader)
        {
            var schema = new Schema();
            var seen = 0;
            for (var left = reader.Map(); left > 0 && reader.Fault == null; left--)
            {
                var found = Reply.Find(Keys, reader.RawText());
                var key = found < 0 ? 0 : 1 << found;
                seen |= key;
                schema.ReadField(key, ref reader);
            }
            if ((AllButType & ~seen) != 0) reader.Wrong("a key is missing");
            return schema;
        }

        void ReadField(int key, ref MsgPackReader reader)
        {
            switch (key)
            {
                case Type_:
                    if (reader.Text(Wire.Limit.NameLongest) != Wire.Tag.Schema) reader.Wrong("is no schema");
                    break;
                case Subject_:
                    Subject = reader.Text(Wire.Limit.SubjectLongest);
                    if (!CharacterOptions.IsSubject(Subject)) reader.Wrong("is no subject");
                    break;
                case Rig_: Rig = reader.Text(Wire.Limit.NameLongest); break;
                case Fps_:
                    if (reader.Array() != Wire.Limit.FpsMostItems) reader.Wrong("fps are two numbers");
                    FpsNumerator = (int)reader.Within(1, int.MaxValue);
                    FpsDenominator = (int)reader.Within(1, int.MaxValue);
                    break;
                case SampleRate_: SampleRate = (int)reader.Within(1, FastestRate); break;
                case LatencySamples_:
                    LatencySamples = reader.Within(Wire.Limit.LatencySamplesLeast, Wire.Limit.AtMost);
                    break;
                case Curves_: ReadCurves(ref reader); break;
                default: reader.Wrong("a key is unknown"); break;
            }
        }

        void ReadCurves(ref MsgPackReader reader)
        {
            var count = reader.Array();
            if (count > Wire.Limit.CurvesMostItems) count = (int)reader.Wrong("there are too many curves");
            Curves = new Curve[count];
            for (var k = 0; k < count && reader.Fault == null; k++) Curves[k] = ReadCurve(ref reader);
        }

        static Curve ReadCurve(ref MsgPackReader reader)
        {
            var curve = new Curve { High = (float)Wire.Absent.CurveHigh };
            for (var left = reader.Map(); left > 0 && reader.Fault == null; left--)
                switch (Reply.Find(CurveKeys, reader.RawText()))
                {
                    case 0: curve.Name = reader.Text(Wire.Limit.NameLongest); break;
                    case 1: curve.Low = (float)reader.NumberWithin(Wire.Limit.LowLeast, Wire.Limit.LowMost); break;
                    case 2: curve.High = (float)reader.NumberWithin(Wire.Limit.HighLeast, Wire.Limit.HighMost); break;
                    default: reader.Wrong("a key is unknown"); break;
                }
            if (curve.Name == null) reader.Wrong("a curve has no name");
            return curve;
        }

        #endregion
    }
}
