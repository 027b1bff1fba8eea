using System;
using System.Collections.Generic;

namespace FaceRig.Tests
{
    /// names: curves find the blendshapes that are meant, of any maker, and move them.
    static class Names
    {
        // curve                     what a mesh has, the right one first                         why
        static readonly string[][] Found =
        {
            new[] { "jawOpen",           "jawOpen", "JawOpen" },                                  // exact before others
            new[] { "jawOpen",           "JawOpen", "jawForward" },                               // capitals
            new[] { "jawOpen",           "Jaw_Open", "Jaw_Forward" },                             // words apart
            new[] { "jawOpen",           "jaw open" },
            new[] { "jawOpen",           "A25_Jaw_Open", "A26_Jaw_Forward" },                     // iClone's numbers
            new[] { "jawOpen",           "Face.M_F00_jawOpen" },                                  // an exporter's prefix
            new[] { "jawOpen",           "blendShape1.JAWOPEN" },
            new[] { "eyeBlinkLeft",      "eyeBlink_L", "eyeBlink_R" },                            // sides
            new[] { "eyeBlinkLeft",      "Eye_Blink_L", "Eye_Blink_R" },
            new[] { "eyeBlinkRight",     "eyeblinkright", "eyeblinkleft" },
            new[] { "mouthLeft",         "Mouth_L", "Mouth_Smile_L", "Mouth_R" },                 // and no smile
            new[] { "mouthLeft",         "mouthLeft", "smile_mouthLeft" },
            new[] { "jawOpen",           "head_jawOpen", "head_lod0_mesh_jawOpen" },              // the shortest
            new[] { "CTRL_expressions_mouthCornerPullL", "mouth_cornerPull_L", "mouth_cornerPull_R" },
            new[] { "CTRL_expressions_jawOpen",          "head_lod0_mesh.jaw_open", "jaw_open_extreme" },
            new[] { "aa",                "vrc.v_aa", "vrc.v_ou" },
            new[] { "browInnerUp",       "BrowInnerUp", "BrowInnerUpLeft" },
        };

        // curve, and shapes of which none is meant
        static readonly string[][] NotFound =
        {
            new[] { "jawOpen", "jawOpenExtreme", "mouthOpen", "" },
            new[] { "mouthSmileLeft", "Mouth_Smile_R", "MouthSmile" },
            new[] { "tongueOut" },
            new[] { "", "", "_" },
        };

        public static int Run()
        {
            foreach (var one in Found) IsFound(one);
            foreach (var one in NotFound)
                Check.That(CurveNames.Find(one[0], Rest(one)) == -1, one[0], "is found where it is not");
            WholeFaces();
            Apply();
            Console.WriteLine("{\"names\": " + (Found.Length + NotFound.Length) + "}");
            return 0;
        }

        // Wherever the right one stands
        static void IsFound(string[] one)
        {
            var shapes = new List<string>(Rest(one));
            for (var turn = 0; turn < shapes.Count; turn++)
            {
                var found = CurveNames.Find(one[0], shapes);
                Check.That(found >= 0 && shapes[found] == one[1], one[0], (found < 0 ? "nothing" : shapes[found]) + " is found");
                shapes.Add(shapes[0]);
                shapes.RemoveAt(0);
            }
        }

        // Every curve of ARKit finds its own shape in every spelling, and no other
        static void WholeFaces()
        {
            var spellings = new Func<string, string>[]
            {
                name => name, name => char.ToUpperInvariant(name[0]) + name.Substring(1), name => name.ToLowerInvariant(),
                name => name.Replace("Left", "_L").Replace("Right", "_R"), Apart, name => "M_Head." + Apart(name),
            };
            foreach (var spelling in spellings)
            {
                var shapes = Array.ConvertAll(Wire.Curves.Arkit, one => spelling(one));
                for (var k = 0; k < shapes.Length; k++)
                    Check.That(CurveNames.Find(Wire.Curves.Arkit[k], shapes) == k, shapes[k], "is not found for its curve");
                Guesses(CurvePreset.ArKit, shapes);
            }
            Guesses(CurvePreset.Vrm, "Fcl_ALL_Joy", "Fcl_MTH_A", "Fcl_MTH_I", "Fcl_MTH_U", "Fcl_EYE_Close", "Fcl_BRW_Joy");
            Guesses(CurvePreset.MetaHuman, Array.ConvertAll(Wire.Curves.Metahuman, one => one.Replace("CTRL_expressions_", "")));
            Guesses(CurvePreset.Reallusion, Shapes(CurvePreset.Reallusion, "Jaw_Open", "Mouth_Smile_L", "Mouth_Smile_R",
                                                   "Eye_Blink_L", "Eye_Blink_R", "Mouth_Close"));
        }

        static void Guesses(CurvePreset preset, params string[] shapes)
            => Check.That(CurvePreset.Guess(new[] { shapes }) == preset, shapes[0], "is no " + preset.Name);

        static string[] Shapes(CurvePreset preset, params string[] more)
        {
            var shapes = new List<string>(more);
            foreach (var target in preset.Targets) shapes.Add(target.Shape);
            return shapes.ToArray();
        }

        static void Apply()
        {
            var curves = new[] { "jawOpen", "mouthFunnel", "cheekPuff", "headYaw" };
            var head = new[] { "Jaw_Open", "Mouth_Funnel_Up_L", "Mouth_Funnel_Down_R", "Cheek_Puff_L" };
            var teeth = new[] { "Teeth_Gap", "Jaw_Open" };
            var own = new[]
            {
                new CurveTarget("cheekPuff", ""), // nothing
                new CurveTarget("jawOpen", "Jaw_Open", 0.5f), new CurveTarget("jawOpen", "Mouth_Funnel_Up_L", 2),
            };
            var map = CurveMap.Bind(curves, new[] { head, teeth }, CurvePreset.Reallusion.Targets, own);
            Check.That(map.Mapped == 2 && string.Join(",", map.Unmapped) == "cheekPuff,headYaw", "map", "others are mapped");
            map.Apply(new[] { 0.25f, 0.125f, 1, 1 });
            Weighs(map, 0, 0, 0.125f);
            Weighs(map, 0, 1, 0.625f); // of both curves
            Weighs(map, 0, 2, 0.125f);
            Weighs(map, 1, 1, 0.125f); // teeth go with the jaw
            Check.That(map.Shapes.Length == 4, "map", map.Shapes.Length + " shapes are moved");
            map.Apply(new[] { 1f, 1, 1, 1 });
            Weighs(map, 0, 1, 1); // no more than all
            map.Apply(new[] { -1f, 0, 0, 0 });
            Weighs(map, 0, 0, 0);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var values = new float[4];
            before = GC.GetAllocatedBytesForCurrentThread() - before;
            var empty = GC.GetAllocatedBytesForCurrentThread();
            for (var k = 0; k < 1000; k++) map.Apply(values);
            Check.That(GC.GetAllocatedBytesForCurrentThread() == empty && before > 0, "map", "memory is allocated");
        }

        static void Weighs(CurveMap map, int mesh, int index, float weight)
        {
            foreach (var shape in map.Shapes)
                if (shape.Mesh == mesh && shape.Index == index)
                {
                    Check.That(shape.Weight == weight, "shape " + mesh + ", " + index, "weighs " + shape.Weight);
                    return;
                }
            throw new Failed("shape " + mesh + ", " + index + " is not moved");
        }

        static string[] Rest(string[] of)
        {
            var rest = new string[of.Length - 1];
            Array.Copy(of, 1, rest, 0, rest.Length);
            return rest;
        }

        // Jaw_Open
        static string Apart(string name)
        {
            var apart = "" + char.ToUpperInvariant(name[0]);
            for (var k = 1; k < name.Length; k++) apart += (char.IsUpper(name[k]) ? "_" : "") + name[k];
            return apart;
        }
    }
}
