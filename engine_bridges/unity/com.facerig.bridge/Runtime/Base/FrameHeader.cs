using System;

namespace FaceRig
{
    /// What a frame of curves says of itself, read in place: nothing is allocated or copied.
    public struct FrameHeader
    {
        public int Flags, Count, Epoch;
        public long Index;

        /// Of the session's sound that the frame belongs to; -1 in silence that nobody sent.
        public long Sample;

        /// Where its values begin in the bytes that it was read from.
        public int ValuesAt;

        public bool IsLast => (Flags & Wire.Frame.Last) != 0;

        /// How many indices the frame before it lies back: 1, or more with less detail.
        public int Step => Wire.Frame.Steps[(Flags & Wire.Frame.Step) >> Wire.Frame.StepShift];

        /// Whether the bytes are a frame's rather than a schema's; they need not be a good one.
        public static bool Begins(byte[] data, int offset, int count)
            => count >= 4 && data[offset] == Wire.Frame.Magic[0] && data[offset + 1] == Wire.Frame.Magic[1]
               && data[offset + 2] == Wire.Frame.Magic[2] && data[offset + 3] == Wire.Frame.Magic[3];

        /// Reads a frame. False, and `fault` says why, for bytes that are none.
        public static bool TryRead(byte[] data, int offset, int count, out FrameHeader header, out string fault)
        {
            header = default(FrameHeader);
            fault = null;
            if (count < Wire.Frame.HeaderBytes) fault = "a frame's header is cut short";
            else if (!Begins(data, offset, count)) fault = "is no frame";
            else if (data[offset + Wire.Frame.VersionAt] != Wire.Version) fault = "a frame is of another version";
            else header.Read(data, offset, count, out fault);
            return fault == null;
        }

        /// The values, into an array that is large enough.
        public void CopyValues(byte[] data, float[] into)
        {
            if (BitConverter.IsLittleEndian) Buffer.BlockCopy(data, ValuesAt, into, 0, 4 * Count);
            else
                for (var k = 0; k < Count; k++) into[k] = Bits.Single((int)Bits.Little(data, ValuesAt + 4 * k, 4));
        }

        void Read(byte[] data, int offset, int count, out string fault)
        {
            fault = null;
            Flags = data[offset + Wire.Frame.FlagsAt];
            Count = (int)Bits.Little(data, offset + Wire.Frame.CountAt, 2);
            ValuesAt = offset + Wire.Frame.HeaderBytes;
            Index = Bits.Little(data, offset + Wire.Frame.IndexAt, 8);
            Sample = Bits.Little(data, offset + Wire.Frame.SampleAt, 8);
            var epoch = Bits.Little(data, offset + Wire.Frame.EpochAt, 4);
            if (Count > Wire.MostCurves || count != Wire.Frame.HeaderBytes + 4 * Count)
                fault = "a frame's length is not that of its values";
            else if (epoch > int.MaxValue) fault = "a frame's epoch is too large";
            else if (Index < 0) fault = "a frame's index is too large";
            else if (Sample < Wire.Frame.Silence) fault = "a frame's sample is below -1";
            else if (!Finite(data)) fault = "a frame's value is not finite";
            Epoch = (int)epoch;
        }

        // All bits of the exponent are those of infinity and NaN
        bool Finite(byte[] data)
        {
            for (var at = ValuesAt; at < ValuesAt + 4 * Count; at += 4)
                if ((data[at + 3] & 0x7f) == 0x7f && (data[at + 2] & 0x80) != 0) return false;
            return true;
        }
    }
}
