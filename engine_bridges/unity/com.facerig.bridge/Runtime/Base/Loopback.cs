using System.Net;

namespace FaceRig
{
    static class Loopback
    {
        /// Whether a host is this machine.
        public static bool Is(string host)
        {
            IPAddress address;
            if (IPAddress.TryParse(host, out address)) return IPAddress.IsLoopback(address);
            return string.Equals(host, "localhost", System.StringComparison.OrdinalIgnoreCase);
        }
    }
}
