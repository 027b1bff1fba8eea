using UnityEngine;

namespace FaceRig.Unity
{
    static class PictureClock
    {
        /// Real seconds. In a float they are too coarse after a day.
        public static double NowSecs
#if UNITY_2020_2_OR_NEWER
            => Time.realtimeSinceStartupAsDouble;
#else
            => Time.realtimeSinceStartup;
#endif
    }
}
