using FaceRig.Unity;
using UnityEngine;

/// Put this, a FaceRigVoice and a FaceRigCharacter on a character with blendshapes, give it clips, press Play:
/// Space says the next one, Escape interrupts, J and S change the mood.
[RequireComponent(typeof(FaceRigCharacter), typeof(FaceRigVoice))]
public sealed class SpeakingFace : MonoBehaviour
{
    [SerializeField] AudioClip[] _lines = new AudioClip[0];
    [SerializeField] Transform _looksAt = null;

    FaceRigCharacter _face;
    FaceRigVoice _voice;
    int _next;

    void Start()
    {
        _face = GetComponent<FaceRigCharacter>();
        _voice = GetComponent<FaceRigVoice>();
        _face.Happened += one => Debug.Log(_face.name + ": " + one.Kind);
    }

    void Update()
    {
        if (Input.GetKeyDown(KeyCode.Space) && _lines.Length > 0) _voice.Speak(_lines[_next++ % _lines.Length]);
        if (Input.GetKeyDown(KeyCode.Escape)) _face.Interrupt();
        if (Input.GetKeyDown(KeyCode.J)) _face.Emotion = "joy:0.8";
        if (Input.GetKeyDown(KeyCode.S)) _face.Emotion = "sadness:0.7";
        if (Input.GetKeyDown(KeyCode.L)) _face.LookAt(_looksAt == null ? (Vector3?)null : _looksAt.position);
    }
}
