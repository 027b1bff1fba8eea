using UnityEngine;

namespace FaceRig.Unity
{
    /// The connection to `facerig serve`, for all characters of a scene. Without one in the scene, the first character
    /// makes one that looks for a service on this machine.
    [AddComponentMenu("FaceRig/FaceRig Service")]
    [DisallowMultipleComponent]
    public sealed class FaceRigService : MonoBehaviour
    {
        [SerializeField] string _host = "127.0.0.1";
        [SerializeField] int _controlPort = Wire.ControlPort;

        [Tooltip("0: the one after the control port")]
        [SerializeField] int _curvesPort = 0;

        [Tooltip("Another machine, without keys: whoever is in that network can listen and take characters over. "
                 + "The service needs --insecure as well.")]
        [SerializeField] bool _insecure = false;

        static FaceRigService _shared;
        Client _client;

        /// The one that characters use which name none.
        public static FaceRigService Shared
        {
            get
            {
                if (_shared == null) _shared = Find();
                if (_shared != null) return _shared;
                var holder = new GameObject("FaceRig Service");
                DontDestroyOnLoad(holder);
                return _shared = holder.AddComponent<FaceRigService>();
            }
        }

        /// Connects at the first call, in the background. Throws a FaceRigException for an address that is none.
        public Client Client => _client ?? (_client = new Client(new ClientOptions
        {
            Host = _host, ControlPort = _controlPort, CurvesPort = _curvesPort, Insecure = _insecure,
        }));

        public bool IsConnected => _client != null && _client.IsConnected;

        /// Why there is no connection.
        public string Problem => _client == null ? "no character has asked for it yet" : _client.Problem;

        static FaceRigService Find()
        {
#if UNITY_2023_1_OR_NEWER
            return FindAnyObjectByType<FaceRigService>();
#else
            return FindObjectOfType<FaceRigService>();
#endif
        }

        void OnDisable()
        {
            if (_client != null) _client.Dispose();
            _client = null;
        }
    }
}
