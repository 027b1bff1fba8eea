using System.Runtime.InteropServices;

namespace FaceRig
{
    // Numbers in bytes, on machines of either byte order
    static class Bits
    {
        public static long Little(byte[] data, int at, int bytes)
        {
            ulong value = 0;
            for (var k = bytes - 1; k >= 0; k--) value = value << 8 | data[at + k];
            return (long)value;
        }

        public static long Big(byte[] data, int at, int bytes)
        {
            ulong value = 0;
            for (var k = 0; k < bytes; k++) value = value << 8 | data[at + k];
            return (long)value;
        }

        public static float Single(int bits) => new SingleBits { Bits = bits }.Single;
    }

    // A float and its bits; BitConverter's own came later than the oldest runtime that this is for
    [StructLayout(LayoutKind.Explicit)]
    struct SingleBits
    {
        [FieldOffset(0)] public float Single;
        [FieldOffset(0)] public int Bits;
    }
}
