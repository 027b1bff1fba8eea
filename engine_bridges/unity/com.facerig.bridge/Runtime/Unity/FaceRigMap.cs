using System.Collections.Generic;
using UnityEngine;

namespace FaceRig.Unity
{
    public enum FaceNames
    {
        /// The one that finds most blendshapes.
        Automatic,
        ArKit,
        Vrm,
        MetaHuman,
        Reallusion,
    }

    /// How a kind of character names its blendshapes; any number of characters may share one.
    [CreateAssetMenu(menuName = "FaceRig/Face Map", fileName = "Face Map")]
    public sealed class FaceRigMap : ScriptableObject
    {
        [SerializeField] FaceNames _names = FaceNames.Automatic;

        [Tooltip("Blendshapes that a curve moves instead of those it would find. One without a shape: it moves none.")]
        [SerializeField] CurveTarget[] _own = new CurveTarget[0];

        public IList<CurveTarget> Own => _own;

        public CurvePreset Preset(IList<string[]> meshes) => Preset(_names, meshes);

        public static CurvePreset Preset(FaceNames names, IList<string[]> meshes)
            => names == FaceNames.Automatic ? CurvePreset.Guess(meshes) : CurvePreset.All[(int)names - 1];

        public void Set(FaceNames names, params CurveTarget[] own)
        {
            _names = names;
            _own = own;
        }
    }
}
