using System.Collections.Generic;

namespace FaceRig
{
    /// A curve and a blendshape that it moves, by so much.
    [System.Serializable]
    public struct CurveTarget
    {
        public string Curve, Shape;
        public float Gain;

        public CurveTarget(string curve, string shape, float gain = 1)
        {
            Curve = curve;
            Shape = shape;
            Gain = gain;
        }
    }

    /// How a kind of character names its blendshapes: the rig to ask the service for, and the shapes whose names no
    /// spelling of the curve's own would find.
    public sealed class CurvePreset
    {
        public readonly string Name, Rig;
        public readonly CurveTarget[] Targets;

        /// The curves of its rig.
        public string[] Curves
            => Rig == "vrm" ? Wire.Curves.Vrm : Rig == "metahuman" ? Wire.Curves.Metahuman : Wire.Curves.Livelink;

        CurvePreset(string name, string rig, params CurveTarget[] targets)
        {
            Name = name;
            Rig = rig;
            Targets = targets;
        }

        /// ARKit's 52 and whatever spells them likewise: PerfectSync, Ready Player Me, iClone's A01_ to A52_; with head
        /// and eyes as turns.
        public static readonly CurvePreset ArKit = new CurvePreset("ARKit", "livelink");

        /// Raw controls of a MetaHuman, as shapes of a mesh: CTRL_expressions_jawOpen, jaw_open.
        public static readonly CurvePreset MetaHuman = new CurvePreset("MetaHuman", "metahuman");

        /// Shapes of VRoid Studio. Other VRM models: by an asset of your own, with the names of VRM's expressions.
        public static readonly CurvePreset Vrm = new CurvePreset("VRM", "vrm",
            new CurveTarget("aa", "Fcl_MTH_A"), new CurveTarget("ih", "Fcl_MTH_I"),
            new CurveTarget("ou", "Fcl_MTH_U"), new CurveTarget("ee", "Fcl_MTH_E"),
            new CurveTarget("oh", "Fcl_MTH_O"), new CurveTarget("blink", "Fcl_EYE_Close"),
            new CurveTarget("blinkLeft", "Fcl_EYE_Close_L"), new CurveTarget("blinkRight", "Fcl_EYE_Close_R"),
            // Emotions without the mouth, which speaks meanwhile
            new CurveTarget("happy", "Fcl_EYE_Joy"), new CurveTarget("happy", "Fcl_BRW_Joy"),
            new CurveTarget("angry", "Fcl_EYE_Angry"), new CurveTarget("angry", "Fcl_BRW_Angry"),
            new CurveTarget("sad", "Fcl_EYE_Sorrow"), new CurveTarget("sad", "Fcl_BRW_Sorrow"),
            new CurveTarget("relaxed", "Fcl_EYE_Fun"), new CurveTarget("relaxed", "Fcl_BRW_Fun"),
            new CurveTarget("surprised", "Fcl_EYE_Surprised"), new CurveTarget("surprised", "Fcl_BRW_Surprised"));

        /// Character Creator 4, extended facial profile. What is not here has the curve's own words: Jaw_Open.
        public static readonly CurvePreset Reallusion = new CurvePreset("Reallusion", "livelink",
            new CurveTarget("browInnerUp", "Brow_Raise_Inner_L"), new CurveTarget("browInnerUp", "Brow_Raise_Inner_R"),
            new CurveTarget("browOuterUpLeft", "Brow_Raise_Outer_L"), new CurveTarget("browOuterUpRight", "Brow_Raise_Outer_R"),
            new CurveTarget("browDownLeft", "Brow_Drop_L"), new CurveTarget("browDownRight", "Brow_Drop_R"),
            new CurveTarget("eyeLookUpLeft", "Eye_L_Look_Up"), new CurveTarget("eyeLookUpRight", "Eye_R_Look_Up"),
            new CurveTarget("eyeLookDownLeft", "Eye_L_Look_Down"), new CurveTarget("eyeLookDownRight", "Eye_R_Look_Down"),
            new CurveTarget("eyeLookOutLeft", "Eye_L_Look_L"), new CurveTarget("eyeLookOutRight", "Eye_R_Look_R"),
            new CurveTarget("eyeLookInLeft", "Eye_L_Look_R"), new CurveTarget("eyeLookInRight", "Eye_R_Look_L"),
            new CurveTarget("cheekPuff", "Cheek_Puff_L"), new CurveTarget("cheekPuff", "Cheek_Puff_R"),
            new CurveTarget("cheekSquintLeft", "Cheek_Raise_L"), new CurveTarget("cheekSquintRight", "Cheek_Raise_R"),
            new CurveTarget("mouthUpperUpLeft", "Mouth_Up_Upper_L"), new CurveTarget("mouthUpperUpRight", "Mouth_Up_Upper_R"),
            new CurveTarget("mouthLowerDownLeft", "Mouth_Down_Lower_L"),
            new CurveTarget("mouthLowerDownRight", "Mouth_Down_Lower_R"),
            new CurveTarget("mouthFunnel", "Mouth_Funnel_Up_L"), new CurveTarget("mouthFunnel", "Mouth_Funnel_Up_R"),
            new CurveTarget("mouthFunnel", "Mouth_Funnel_Down_L"), new CurveTarget("mouthFunnel", "Mouth_Funnel_Down_R"),
            new CurveTarget("mouthPucker", "Mouth_Pucker_Up_L"), new CurveTarget("mouthPucker", "Mouth_Pucker_Up_R"),
            new CurveTarget("mouthPucker", "Mouth_Pucker_Down_L"), new CurveTarget("mouthPucker", "Mouth_Pucker_Down_R"),
            new CurveTarget("mouthRollUpper", "Mouth_Roll_In_Upper_L"), new CurveTarget("mouthRollUpper", "Mouth_Roll_In_Upper_R"),
            new CurveTarget("mouthRollLower", "Mouth_Roll_In_Lower_L"), new CurveTarget("mouthRollLower", "Mouth_Roll_In_Lower_R"));

        public static readonly CurvePreset[] All = { ArKit, Vrm, MetaHuman, Reallusion };

        /// The one that finds most shapes among these; the first of equals.
        public static CurvePreset Guess(IList<string[]> meshes)
        {
            var best = ArKit;
            var most = -1;
            foreach (var preset in All)
            {
                var found = CurveMap.Bind(preset.Curves, meshes, preset.Targets, null).Mapped;
                if (found > most) best = preset;
                most = System.Math.Max(most, found);
            }
            return best;
        }
    }
}
