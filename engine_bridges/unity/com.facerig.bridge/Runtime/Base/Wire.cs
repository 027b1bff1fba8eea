// made by python -m tools.bridges from facerig/service/wire.py; do not edit
// SPDX-License-Identifier: Apache-2.0

namespace FaceRig
{
    /// <summary>The protocol of facerig's live service, as constants.</summary>
    public static class Wire
    {
        public const int Version = 1;
        public const int ControlPort = 15680;  // port of the control socket
        public const int CurvesPort = 15681;  // port of the curves' socket
        public const int LargestMessage = 1048576;  // bytes of sound in a message
        public const int MostCurves = 2000;  // curves in a frame
        public const int LongestName = 64;  // characters of a subject

        /// <summary>Frames of curves: where fields lie, and flags.</summary>
        public static class Frame
        {
            public const string Magic = "FRIG";  // the first bytes of a frame
            public const int HeaderBytes = 28;  // then come `count` values of 4 bytes
            public const int VersionAt = 4;  // u8
            public const int FlagsAt = 5;  // u8 1: the last of the sound before a flush, 2: nobody speaks (idle), 12: 4 * (step - 1)
            public const int CountAt = 6;  // u16 of values
            public const int EpochAt = 8;  // u32
            public const int IndexAt = 12;  // u64 of the frame in its session; a gap of more than `step` is frames that were lost
            public const int SampleAt = 20;  // i64
            public const int ValuesAt = 28;  // f32[count]
            public const int Last = 1;
            public const int Idle = 2;
            public const int Step = 12;
            public const int LongestStep = 4;
            public const int StepShift = 2;  // a frame's step is steps[(flags & step) >> step_shift]
            // indices that the frame before lies back
            public static readonly int[] Steps = {1, 2, 3, 4};
            public const int Silence = -1;  // sample of a frame that belongs to no sound
        }

        /// <summary>What the key `type` of a message may say.</summary>
        public static class Tag
        {
            public const string Open = "open";
            public const string Resume = "resume";
            public const string Audio = "audio";
            public const string Direct = "direct";
            public const string Say = "say";
            public const string Interrupt = "interrupt";
            public const string Flush = "flush";
            public const string Close = "close";
            public const string Ping = "ping";
            public const string Statistics = "statistics";
            public const string Opened = "opened";
            public const string Progress = "progress";
            public const string Spoken = "spoken";
            public const string Interrupted = "interrupted";
            public const string Closed = "closed";
            public const string Pong = "pong";
            public const string Error = "error";
            public const string Schema = "schema";
        }

        /// <summary>Keys of messages.</summary>
        public static class Field
        {
            public const string Type = "type";
            public const string Version = "version";
            public const string Subject = "subject";
            public const string SampleRate = "sample_rate";
            public const string Encoding = "encoding";
            public const string Fps = "fps";
            public const string Rig = "rig";
            public const string Pace = "pace";
            public const string Model = "model";
            public const string Seed = "seed";
            public const string Mode = "mode";
            public const string Emotion = "emotion";
            public const string Alive = "alive";
            public const string Detail = "detail";
            public const string Token = "token";
            public const string Session = "session";
            public const string Epoch = "epoch";
            public const string At = "at";
            public const string Data = "data";
            public const string Gaze = "gaze";
            public const string Blink = "blink";
            public const string Attitude = "attitude";
            public const string Layers = "layers";
            public const string Style = "style";
            public const string TransitionSecs = "transition_secs";
            public const string Text = "text";
            public const string Voice = "voice";
            public const string Number = "number";
            public const string Schema = "schema";
            public const string Received = "received";
            public const string Credit = "credit";
            public const string Animated = "animated";
            public const string Last = "last";
            public const string Reason = "reason";
            public const string ClockNs = "clock_ns";
            public const string Figures = "figures";
            public const string Code = "code";
            public const string What = "what";
            public const string Where = "where";
            public const string Fix = "fix";
            public const string LatencySamples = "latency_samples";
            public const string Curves = "curves";
            public const string Name = "name";
            public const string Low = "low";
            public const string High = "high";
        }

        /// <summary>What fields may hold.</summary>
        public static class Limit
        {
            public const int VersionLeast = 1;  // of open
            public const int VersionMost = 255;  // of open
            public const int SubjectShortest = 1;  // of open, schema
            public const int SubjectLongest = 64;  // of open, schema
            public const string SubjectPattern = "^[^\\x00-\\x1f\\x7f/\\\\=+@-][^\\x00-\\x1f\\x7f/\\\\]*$";  // of open, schema
            public const int SampleRateLeast = 8000;  // of open
            public const int SampleRateMost = 48000;  // of open
            public const int FpsLongest = 40;  // of open
            public const int RigLongest = 64;  // of open
            public const string RigPattern = "^[a-z0-9][a-z0-9_-]*$";  // of open
            public const int SeedLeast = 0;  // of open
            public const long SeedMost = 9223372036854775807L;  // of open
            public const int EmotionLongest = 200;  // of open, direct
            public const string TokenPattern = "^[0-9a-f]{32}$";  // of resume, opened
            public const int SessionLeast = 1;
            public const int SessionMost = 2147483647;
            public const int EpochLeast = 0;
            public const int EpochMost = 2147483647;
            public const int AudioAtLeast = 0;
            public const int DirectAtLeast = -1;
            public const int SpokenAtLeast = 0;
            public const int InterruptedAtLeast = 0;
            public const long AtMost = 4611686018427387904L;  // of audio, direct, spoken, interrupted
            public const int DataLongest = 1048576;  // of audio, spoken
            public const int GazeFewestItems = 3;  // of direct
            public const int GazeMostItems = 3;  // of direct
            public const double GazeLeast = -1000000.0;  // of direct
            public const double GazeMost = 1000000.0;  // of direct
            public const int GazeLongest = 200;  // of direct
            public const int LayersMostItems = 16;  // of direct
            public const double LayersLeast = -1000000.0;  // of direct
            public const double LayersMost = 1000000.0;  // of direct
            public const int StyleLongest = 20000;  // of direct
            public const int TransitionSecsLeast = 0;  // of direct
            public const int TransitionSecsMost = 60;  // of direct
            public const int TextShortest = 1;  // of say
            public const int TextLongest = 20000;  // of say
            public const int VoiceLongest = 200;  // of say
            public const int NumberLeast = 0;  // of ping
            public const long NumberMost = 4611686018427387904L;  // of ping
            public const int ReceivedLeast = 0;  // of opened, progress
            public const long ReceivedMost = 4611686018427387904L;  // of opened, progress
            public const int CreditLeast = 0;  // of opened
            public const int AnimatedLeast = 0;  // of progress
            public const long AnimatedMost = 4611686018427387904L;  // of progress
            public const int FpsFewestItems = 2;  // of schema
            public const int FpsMostItems = 2;  // of schema
            public const int LatencySamplesLeast = 0;  // of schema
            public const int CurvesMostItems = 2000;  // of schema
            public const int NameLongest = 200;  // of curve
            public const double LowLeast = -1000000.0;  // of curve
            public const double LowMost = 1000000.0;  // of curve
            public const double HighLeast = -1000000.0;  // of curve
            public const double HighMost = 1000000.0;  // of curve
        }

        /// <summary>Fields that hold one of a few values.</summary>
        public static class Choice
        {
            public static readonly string[] Encoding = {"s16", "f32", "opus"};
            public static readonly string[] Pace = {"realtime", "burst"};
            public static readonly string[] Model = {"live", "live-40"};
            public static readonly string[] Mode = {"speak", "listen"};
            public static readonly int[] Detail = {1, 2, 4};
        }

        /// <summary>What a field is that is not there; where nothing is said: 0, empty or false.</summary>
        public static class Absent
        {
            public const int OpenVersion = 1;
            public const int OpenSampleRate = 16000;
            public const string OpenEncoding = "s16";
            public const string OpenFps = "60";
            public const string OpenRig = "livelink";
            public const string OpenPace = "realtime";
            public const string OpenModel = "live";
            public const string OpenMode = "speak";
            public const int OpenAlive = 1;
            public const int OpenDetail = 1;
            public const int DirectAt = -1;
            public const string ClosedReason = "client";
            public const double CurveHigh = 1.0;
        }

        /// <summary>The rules of the jitter buffer.</summary>
        public static class Jitter
        {
            public const int FadeNs = 100000000;  // ns over a jump
            public const int HoldMs = 100;  // ms that a late frame's place is held; in samples: * rate / 1000, rounded down
            public const int BridgeMs = 250;  // ms of lost frames that are drawn over; in samples: * rate / 1000, rounded down
            public const int BehindMs = 500;  // ms kept behind what plays; in samples: * rate / 1000, rounded down
            public const int MostSounding = 36000;  // frames with sound that are kept
            public const int MostIdle = 16;  // idle frames that are kept
            public const int IdleBehind = 3;  // frames that idle life may lag
            public const int IdleStaleNs = 500000000;  // ns without a new idle frame, after which the face rests
            public const int Jump = 4;  // frames besides the time that went by that are no jump
            public const int Lateness = 120;  // pictures that lateness is measured over
            public const int Known = 4096;  // indices back that a frame is still new
        }

        /// <summary>What clients do by themselves.</summary>
        public static class Client
        {
            public const int PingMs = 20000;  // between pings: who says nothing for minutes is ended
            public const int RetryMs = 500;  // before a refused session is opened again
            public const int SchemaWaitMs = 2000;  // that sound waits for the first schema or frame
            public const int HeartbeatMs = 1000;  // ZeroMQ's; three unanswered: the service is gone
            public const int ReconnectMs = 50;
            public const int LongestReconnectMs = 1000;
            // errors after which a session is resumed
            public static readonly string[] OutOfStep = {"session", "gap", "credit"};
            public const string Later = "rate";  // error of open after which it is tried again by itself
        }

        /// <summary>Curves by rig. The schema says which come, and in which order.</summary>
        public static class Curves
        {
            public static readonly string[] Arkit = {"eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft",
                "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight",
                "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight",
                "eyeWideRight", "jawForward", "jawRight", "jawLeft", "jawOpen", "mouthClose", "mouthFunnel",
                "mouthPucker", "mouthRight", "mouthLeft", "mouthSmileLeft", "mouthSmileRight",
                "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
                "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper",
                "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
                "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
                "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
                "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight",
                "tongueOut"};
            public static readonly string[] Livelink = {"eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft",
                "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight",
                "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight",
                "eyeWideRight", "jawForward", "jawRight", "jawLeft", "jawOpen", "mouthClose", "mouthFunnel",
                "mouthPucker", "mouthRight", "mouthLeft", "mouthSmileLeft", "mouthSmileRight",
                "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
                "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper",
                "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight",
                "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
                "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight",
                "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight",
                "tongueOut", "headYaw", "headPitch", "headRoll", "leftEyeYaw", "leftEyePitch", "leftEyeRoll",
                "rightEyeYaw", "rightEyePitch", "rightEyeRoll"};
            public static readonly string[] Vrm = {"happy", "angry", "sad", "relaxed", "surprised", "aa",
                "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", "lookUp", "lookDown", "lookLeft",
                "lookRight", "neutral"};
            public static readonly string[] Oculus = {"sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn",
                "RR", "aa", "E", "ih", "oh", "ou"};
            public static readonly string[] Metahuman = {"CTRL_expressions_browDownL",
                "CTRL_expressions_browDownR", "CTRL_expressions_browLateralL",
                "CTRL_expressions_browLateralR", "CTRL_expressions_browRaiseInL",
                "CTRL_expressions_browRaiseInR", "CTRL_expressions_browRaiseOuterL",
                "CTRL_expressions_browRaiseOuterR", "CTRL_expressions_eyeBlinkL",
                "CTRL_expressions_eyeBlinkR", "CTRL_expressions_eyeWidenL", "CTRL_expressions_eyeWidenR",
                "CTRL_expressions_eyeSquintInnerL", "CTRL_expressions_eyeSquintInnerR",
                "CTRL_expressions_eyeCheekRaiseL", "CTRL_expressions_eyeCheekRaiseR",
                "CTRL_expressions_eyeFaceScrunchL", "CTRL_expressions_eyeFaceScrunchR",
                "CTRL_expressions_noseWrinkleL", "CTRL_expressions_noseWrinkleR",
                "CTRL_expressions_noseNostrilDepressL", "CTRL_expressions_noseNostrilDepressR",
                "CTRL_expressions_noseNostrilDilateL", "CTRL_expressions_noseNostrilDilateR",
                "CTRL_expressions_noseNostrilCompressL", "CTRL_expressions_noseNostrilCompressR",
                "CTRL_expressions_noseNasolabialDeepenL", "CTRL_expressions_noseNasolabialDeepenR",
                "CTRL_expressions_mouthCheekSuckL", "CTRL_expressions_mouthCheekSuckR",
                "CTRL_expressions_mouthCheekBlowL", "CTRL_expressions_mouthCheekBlowR",
                "CTRL_expressions_mouthLeft", "CTRL_expressions_mouthRight",
                "CTRL_expressions_mouthUpperLipRaiseL", "CTRL_expressions_mouthUpperLipRaiseR",
                "CTRL_expressions_mouthLowerLipDepressL", "CTRL_expressions_mouthLowerLipDepressR",
                "CTRL_expressions_mouthCornerPullL", "CTRL_expressions_mouthCornerPullR",
                "CTRL_expressions_mouthStretchL", "CTRL_expressions_mouthStretchR",
                "CTRL_expressions_mouthDimpleL", "CTRL_expressions_mouthDimpleR",
                "CTRL_expressions_mouthCornerDepressL", "CTRL_expressions_mouthCornerDepressR",
                "CTRL_expressions_mouthLipsPurseUL", "CTRL_expressions_mouthLipsPurseUR",
                "CTRL_expressions_mouthLipsPurseDL", "CTRL_expressions_mouthLipsPurseDR",
                "CTRL_expressions_mouthLipsTowardsUL", "CTRL_expressions_mouthLipsTowardsUR",
                "CTRL_expressions_mouthLipsTowardsDL", "CTRL_expressions_mouthLipsTowardsDR",
                "CTRL_expressions_mouthFunnelUL", "CTRL_expressions_mouthFunnelUR",
                "CTRL_expressions_mouthFunnelDL", "CTRL_expressions_mouthFunnelDR",
                "CTRL_expressions_mouthLipsTogetherUL", "CTRL_expressions_mouthLipsTogetherUR",
                "CTRL_expressions_mouthLipsTogetherDL", "CTRL_expressions_mouthLipsTogetherDR",
                "CTRL_expressions_mouthUpperLipBiteL", "CTRL_expressions_mouthUpperLipBiteR",
                "CTRL_expressions_mouthLowerLipBiteL", "CTRL_expressions_mouthLowerLipBiteR",
                "CTRL_expressions_mouthLipsTightenUL", "CTRL_expressions_mouthLipsTightenUR",
                "CTRL_expressions_mouthLipsTightenDL", "CTRL_expressions_mouthLipsTightenDR",
                "CTRL_expressions_mouthLipsPressL", "CTRL_expressions_mouthLipsPressR",
                "CTRL_expressions_mouthSharpCornerPullL", "CTRL_expressions_mouthSharpCornerPullR",
                "CTRL_expressions_mouthStickyUC", "CTRL_expressions_mouthStickyUINL",
                "CTRL_expressions_mouthStickyUINR", "CTRL_expressions_mouthStickyUOUTL",
                "CTRL_expressions_mouthStickyUOUTR", "CTRL_expressions_mouthStickyDC",
                "CTRL_expressions_mouthStickyDINL", "CTRL_expressions_mouthStickyDINR",
                "CTRL_expressions_mouthStickyDOUTL", "CTRL_expressions_mouthStickyDOUTR",
                "CTRL_expressions_mouthLipsPushUL", "CTRL_expressions_mouthLipsPushUR",
                "CTRL_expressions_mouthLipsPushDL", "CTRL_expressions_mouthLipsPushDR",
                "CTRL_expressions_mouthLipsPullUL", "CTRL_expressions_mouthLipsPullUR",
                "CTRL_expressions_mouthLipsPullDL", "CTRL_expressions_mouthLipsPullDR",
                "CTRL_expressions_mouthLipsThinUL", "CTRL_expressions_mouthLipsThinUR",
                "CTRL_expressions_mouthLipsThinDL", "CTRL_expressions_mouthLipsThinDR",
                "CTRL_expressions_mouthLipsThickUL", "CTRL_expressions_mouthLipsThickUR",
                "CTRL_expressions_mouthLipsThickDL", "CTRL_expressions_mouthLipsThickDR",
                "CTRL_expressions_mouthCornerSharpenUL", "CTRL_expressions_mouthCornerSharpenUR",
                "CTRL_expressions_mouthCornerSharpenDL", "CTRL_expressions_mouthCornerSharpenDR",
                "CTRL_expressions_mouthCornerRounderUL", "CTRL_expressions_mouthCornerRounderUR",
                "CTRL_expressions_mouthCornerRounderDL", "CTRL_expressions_mouthCornerRounderDR",
                "CTRL_expressions_mouthUpperLipShiftLeft", "CTRL_expressions_mouthUpperLipShiftRight",
                "CTRL_expressions_mouthLowerLipShiftLeft", "CTRL_expressions_mouthLowerLipShiftRight",
                "CTRL_expressions_mouthUpperLipRollInL", "CTRL_expressions_mouthUpperLipRollInR",
                "CTRL_expressions_mouthUpperLipRollOutL", "CTRL_expressions_mouthUpperLipRollOutR",
                "CTRL_expressions_mouthLowerLipRollInL", "CTRL_expressions_mouthLowerLipRollInR",
                "CTRL_expressions_mouthLowerLipRollOutL", "CTRL_expressions_mouthLowerLipRollOutR",
                "CTRL_expressions_mouthCornerUpL", "CTRL_expressions_mouthCornerUpR",
                "CTRL_expressions_mouthCornerDownL", "CTRL_expressions_mouthCornerDownR",
                "CTRL_expressions_jawOpen", "CTRL_expressions_jawLeft", "CTRL_expressions_jawRight",
                "CTRL_expressions_jawFwd", "CTRL_expressions_jawBack", "CTRL_expressions_jawChinRaiseDL",
                "CTRL_expressions_jawChinRaiseDR", "CTRL_expressions_jawOpenExtreme",
                "CTRL_expressions_eyeLookUpL", "CTRL_expressions_eyeLookUpR", "CTRL_expressions_eyeLookDownL",
                "CTRL_expressions_eyeLookDownR", "CTRL_expressions_eyeLookLeftL",
                "CTRL_expressions_eyeLookLeftR", "CTRL_expressions_eyeLookRightL",
                "CTRL_expressions_eyeLookRightR", "CTRL_expressions_noseWrinkleUpperL",
                "CTRL_expressions_noseWrinkleUpperR", "CTRL_expressions_earUpL", "CTRL_expressions_earUpR",
                "CTRL_expressions_eyelashesDownINL", "CTRL_expressions_eyelashesDownINR",
                "CTRL_expressions_eyelashesDownOUTL", "CTRL_expressions_eyelashesDownOUTR",
                "CTRL_expressions_eyelashesUpINL", "CTRL_expressions_eyelashesUpINR",
                "CTRL_expressions_eyelashesUpOUTL", "CTRL_expressions_eyelashesUpOUTR",
                "CTRL_expressions_eyeLidPressL", "CTRL_expressions_eyeLidPressR",
                "CTRL_expressions_eyeLowerLidDownL", "CTRL_expressions_eyeLowerLidDownR",
                "CTRL_expressions_eyeLowerLidUpL", "CTRL_expressions_eyeLowerLidUpR",
                "CTRL_expressions_eyeParallelLookDirection", "CTRL_expressions_eyePupilNarrowL",
                "CTRL_expressions_eyePupilNarrowR", "CTRL_expressions_eyePupilWideL",
                "CTRL_expressions_eyePupilWideR", "CTRL_expressions_eyeRelaxL", "CTRL_expressions_eyeRelaxR",
                "CTRL_expressions_eyeUpperLidUpL", "CTRL_expressions_eyeUpperLidUpR",
                "CTRL_expressions_jawChinCompressL", "CTRL_expressions_jawChinCompressR",
                "CTRL_expressions_jawChinRaiseUL", "CTRL_expressions_jawChinRaiseUR",
                "CTRL_expressions_jawClenchL", "CTRL_expressions_jawClenchR",
                "CTRL_expressions_mouthCornerNarrowL", "CTRL_expressions_mouthCornerNarrowR",
                "CTRL_expressions_mouthCornerWideL", "CTRL_expressions_mouthCornerWideR",
                "CTRL_expressions_mouthDown", "CTRL_expressions_mouthLipsBlowL",
                "CTRL_expressions_mouthLipsBlowR", "CTRL_expressions_mouthLipsStickyLPh1",
                "CTRL_expressions_mouthLipsStickyLPh2", "CTRL_expressions_mouthLipsStickyLPh3",
                "CTRL_expressions_mouthLipsStickyRPh1", "CTRL_expressions_mouthLipsStickyRPh2",
                "CTRL_expressions_mouthLipsStickyRPh3", "CTRL_expressions_mouthLipsThickInwardDL",
                "CTRL_expressions_mouthLipsThickInwardDR", "CTRL_expressions_mouthLipsThickInwardUL",
                "CTRL_expressions_mouthLipsThickInwardUR", "CTRL_expressions_mouthLipsThinInwardDL",
                "CTRL_expressions_mouthLipsThinInwardDR", "CTRL_expressions_mouthLipsThinInwardUL",
                "CTRL_expressions_mouthLipsThinInwardUR", "CTRL_expressions_mouthLowerLipTowardsTeethL",
                "CTRL_expressions_mouthLowerLipTowardsTeethR", "CTRL_expressions_mouthPressDL",
                "CTRL_expressions_mouthPressDR", "CTRL_expressions_mouthPressUL",
                "CTRL_expressions_mouthPressUR", "CTRL_expressions_mouthStretchLipsCloseL",
                "CTRL_expressions_mouthStretchLipsCloseR", "CTRL_expressions_mouthUp",
                "CTRL_expressions_mouthUpperLipTowardsTeethL", "CTRL_expressions_mouthUpperLipTowardsTeethR",
                "CTRL_expressions_neckDigastricDown", "CTRL_expressions_neckDigastricUp",
                "CTRL_expressions_neckMastoidContractL", "CTRL_expressions_neckMastoidContractR",
                "CTRL_expressions_neckStretchL", "CTRL_expressions_neckStretchR",
                "CTRL_expressions_neckSwallowPh1", "CTRL_expressions_neckSwallowPh2",
                "CTRL_expressions_neckSwallowPh3", "CTRL_expressions_neckSwallowPh4",
                "CTRL_expressions_neckThroatDown", "CTRL_expressions_neckThroatExhale",
                "CTRL_expressions_neckThroatInhale", "CTRL_expressions_neckThroatUp",
                "CTRL_expressions_teethBackD", "CTRL_expressions_teethBackU", "CTRL_expressions_teethDownD",
                "CTRL_expressions_teethDownU", "CTRL_expressions_teethFwdD", "CTRL_expressions_teethFwdU",
                "CTRL_expressions_teethLeftD", "CTRL_expressions_teethLeftU", "CTRL_expressions_teethRightD",
                "CTRL_expressions_teethRightU", "CTRL_expressions_teethUpD", "CTRL_expressions_teethUpU",
                "CTRL_expressions_tongueBendDown", "CTRL_expressions_tongueBendUp",
                "CTRL_expressions_tongueDown", "CTRL_expressions_tongueIn", "CTRL_expressions_tongueLeft",
                "CTRL_expressions_tongueNarrow", "CTRL_expressions_tongueOut", "CTRL_expressions_tonguePress",
                "CTRL_expressions_tongueRight", "CTRL_expressions_tongueRoll", "CTRL_expressions_tongueThick",
                "CTRL_expressions_tongueThin", "CTRL_expressions_tongueTipDown",
                "CTRL_expressions_tongueTipLeft", "CTRL_expressions_tongueTipRight",
                "CTRL_expressions_tongueTipUp", "CTRL_expressions_tongueTwistLeft",
                "CTRL_expressions_tongueTwistRight", "CTRL_expressions_tongueUp",
                "CTRL_expressions_tongueWide", "HeadTranslationX", "HeadTranslationY", "HeadTranslationZ",
                "HeadYaw", "HeadPitch", "HeadRoll", "HeadControlSwitch", "MHFDSVersion",
                "DisableFaceOverride"};
        }
    }
}
