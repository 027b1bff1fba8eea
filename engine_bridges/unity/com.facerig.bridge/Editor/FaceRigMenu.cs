using UnityEditor;
using UnityEngine;

namespace FaceRig.Unity.Editor
{
    /// GameObject > FaceRig > Make a speaking face: everything that the selected character needs.
    static class FaceRigMenu
    {
        const string Item = "GameObject/FaceRig/Make a Speaking Face";

        [MenuItem(Item, false, 10)]
        static void Make()
        {
            foreach (var chosen in Selection.gameObjects)
            {
                if (chosen.GetComponent<FaceRigCharacter>() != null) continue;
                Undo.AddComponent<FaceRigVoice>(chosen); // brings its AudioSource
                Undo.AddComponent<FaceRigCharacter>(chosen);
            }
        }

        [MenuItem(Item, true)]
        static bool CanMake() => Selection.gameObjects.Length > 0;
    }
}
