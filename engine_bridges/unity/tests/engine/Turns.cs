using System;
using System.Globalization;
using FaceRig.Unity;
using UnityEngine;

namespace FaceRig.Tests
{
    /// turns YAW PITCH ROLL ...: how a head stands whose curves have these values, in the character's space: x, y, z, w. Its
    /// bones have axes of their own, as a modeller's do, and the character faces any way.
    static class Turns
    {
        public static int Run(string[] arguments)
        {
            var numbers = Array.ConvertAll(arguments, one => float.Parse(one, CultureInfo.InvariantCulture));
            for (var k = 0; k < numbers.Length; k += 3) Tell(new[] { numbers[k], numbers[k + 1], numbers[k + 2] });
            return 0;
        }

        static void Tell(float[] values)
        {
            var root = new GameObject("root").transform;
            root.localRotation = Quaternion.Euler(0, 130, 0);
            var neck = Bone("neck", root, Quaternion.Euler(20, 0, 90));
            var head = Bone("head", neck, Quaternion.Euler(-15, 70, 5));
            var bones = new FaceRigBones();
            bones.Set(head, null, null, null);
            var atRest = Quaternion.Inverse(root.rotation) * head.rotation;
            bones.Begin(root, new[] { "headYaw", "headPitch", "headRoll" });
            bones.Pose(values);
            var turn = Quaternion.Inverse(root.rotation) * head.rotation * Quaternion.Inverse(atRest);
            Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "[{0}, {1}, {2}, {3}]", turn.x, turn.y, turn.z, turn.w));
            bones.Rest();
            var back = Quaternion.Inverse(atRest) * (Quaternion.Inverse(root.rotation) * head.rotation);
            Check.That(Math.Abs(back.w) > 0.9999, "head", "does not come back to rest");
        }

        static Transform Bone(string name, Transform parent, Quaternion turn)
        {
            var bone = new GameObject(name).transform;
            bone.parent = parent;
            bone.localRotation = turn;
            return bone;
        }
    }
}
