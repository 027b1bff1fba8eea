# made by python -m tools.bridges from facerig/service/wire.py; do not edit
# SPDX-License-Identifier: Apache-2.0

const VERSION = 1
const CONTROL_PORT = 15680  # port of the control socket
const CURVES_PORT = 15681  # port of the curves' socket
const LARGEST_MESSAGE = 1048576  # bytes of sound in a message
const MOST_CURVES = 2000  # curves in a frame
const LONGEST_NAME = 64  # characters of a subject

# Frames of curves: where fields lie, and flags.
const FRAME_MAGIC = "FRIG"  # the first bytes of a frame
const FRAME_HEADER_BYTES = 28  # then come `count` values of 4 bytes
const FRAME_VERSION_AT = 4  # u8
const FRAME_FLAGS_AT = 5  # u8 1: the last of the sound before a flush, 2: nobody speaks (idle), 12: 4 * (step - 1)
const FRAME_COUNT_AT = 6  # u16 of values
const FRAME_EPOCH_AT = 8  # u32
const FRAME_INDEX_AT = 12  # u64 of the frame in its session; a gap of more than `step` is frames that were lost
const FRAME_SAMPLE_AT = 20  # i64
const FRAME_VALUES_AT = 28  # f32[count]
const FRAME_LAST = 1
const FRAME_IDLE = 2
const FRAME_STEP = 12
const FRAME_LONGEST_STEP = 4
const FRAME_STEP_SHIFT = 2  # a frame's step is steps[(flags & step) >> step_shift]
# indices that the frame before lies back
const FRAME_STEPS = [1, 2, 3, 4]
const FRAME_SILENCE = -1  # sample of a frame that belongs to no sound

# What the key `type` of a message may say.
const TAG_OPEN = "open"
const TAG_RESUME = "resume"
const TAG_AUDIO = "audio"
const TAG_DIRECT = "direct"
const TAG_SAY = "say"
const TAG_INTERRUPT = "interrupt"
const TAG_FLUSH = "flush"
const TAG_CLOSE = "close"
const TAG_PING = "ping"
const TAG_STATISTICS = "statistics"
const TAG_OPENED = "opened"
const TAG_PROGRESS = "progress"
const TAG_SPOKEN = "spoken"
const TAG_INTERRUPTED = "interrupted"
const TAG_CLOSED = "closed"
const TAG_PONG = "pong"
const TAG_ERROR = "error"
const TAG_SCHEMA = "schema"

# Keys of messages.
const FIELD_TYPE = "type"
const FIELD_VERSION = "version"
const FIELD_SUBJECT = "subject"
const FIELD_SAMPLE_RATE = "sample_rate"
const FIELD_ENCODING = "encoding"
const FIELD_FPS = "fps"
const FIELD_RIG = "rig"
const FIELD_PACE = "pace"
const FIELD_MODEL = "model"
const FIELD_SEED = "seed"
const FIELD_MODE = "mode"
const FIELD_EMOTION = "emotion"
const FIELD_ALIVE = "alive"
const FIELD_DETAIL = "detail"
const FIELD_TOKEN = "token"
const FIELD_SESSION = "session"
const FIELD_EPOCH = "epoch"
const FIELD_AT = "at"
const FIELD_DATA = "data"
const FIELD_GAZE = "gaze"
const FIELD_BLINK = "blink"
const FIELD_ATTITUDE = "attitude"
const FIELD_LAYERS = "layers"
const FIELD_STYLE = "style"
const FIELD_TRANSITION_SECS = "transition_secs"
const FIELD_TEXT = "text"
const FIELD_VOICE = "voice"
const FIELD_NUMBER = "number"
const FIELD_SCHEMA = "schema"
const FIELD_RECEIVED = "received"
const FIELD_CREDIT = "credit"
const FIELD_ANIMATED = "animated"
const FIELD_LAST = "last"
const FIELD_REASON = "reason"
const FIELD_CLOCK_NS = "clock_ns"
const FIELD_FIGURES = "figures"
const FIELD_CODE = "code"
const FIELD_WHAT = "what"
const FIELD_WHERE = "where"
const FIELD_FIX = "fix"
const FIELD_LATENCY_SAMPLES = "latency_samples"
const FIELD_CURVES = "curves"
const FIELD_NAME = "name"
const FIELD_LOW = "low"
const FIELD_HIGH = "high"

# What fields may hold.
const LIMIT_VERSION_LEAST = 1  # of open
const LIMIT_VERSION_MOST = 255  # of open
const LIMIT_SUBJECT_SHORTEST = 1  # of open, schema
const LIMIT_SUBJECT_LONGEST = 64  # of open, schema
const LIMIT_SUBJECT_PATTERN = "^[^\\x00-\\x1f\\x7f/\\\\=+@-][^\\x00-\\x1f\\x7f/\\\\]*$"  # of open, schema
const LIMIT_SAMPLE_RATE_LEAST = 8000  # of open
const LIMIT_SAMPLE_RATE_MOST = 48000  # of open
const LIMIT_FPS_LONGEST = 40  # of open
const LIMIT_RIG_LONGEST = 64  # of open
const LIMIT_RIG_PATTERN = "^[a-z0-9][a-z0-9_-]*$"  # of open
const LIMIT_SEED_LEAST = 0  # of open
const LIMIT_SEED_MOST = 9223372036854775807  # of open
const LIMIT_EMOTION_LONGEST = 200  # of open, direct
const LIMIT_TOKEN_PATTERN = "^[0-9a-f]{32}$"  # of resume, opened
const LIMIT_SESSION_LEAST = 1
const LIMIT_SESSION_MOST = 2147483647
const LIMIT_EPOCH_LEAST = 0
const LIMIT_EPOCH_MOST = 2147483647
const LIMIT_AUDIO_AT_LEAST = 0
const LIMIT_DIRECT_AT_LEAST = -1
const LIMIT_SPOKEN_AT_LEAST = 0
const LIMIT_INTERRUPTED_AT_LEAST = 0
const LIMIT_AT_MOST = 4611686018427387904  # of audio, direct, spoken, interrupted
const LIMIT_DATA_LONGEST = 1048576  # of audio, spoken
const LIMIT_GAZE_FEWEST_ITEMS = 3  # of direct
const LIMIT_GAZE_MOST_ITEMS = 3  # of direct
const LIMIT_GAZE_LEAST = -1000000.0  # of direct
const LIMIT_GAZE_MOST = 1000000.0  # of direct
const LIMIT_GAZE_LONGEST = 200  # of direct
const LIMIT_LAYERS_MOST_ITEMS = 16  # of direct
const LIMIT_LAYERS_LEAST = -1000000.0  # of direct
const LIMIT_LAYERS_MOST = 1000000.0  # of direct
const LIMIT_STYLE_LONGEST = 20000  # of direct
const LIMIT_TRANSITION_SECS_LEAST = 0  # of direct
const LIMIT_TRANSITION_SECS_MOST = 60  # of direct
const LIMIT_TEXT_SHORTEST = 1  # of say
const LIMIT_TEXT_LONGEST = 20000  # of say
const LIMIT_VOICE_LONGEST = 200  # of say
const LIMIT_NUMBER_LEAST = 0  # of ping
const LIMIT_NUMBER_MOST = 4611686018427387904  # of ping
const LIMIT_RECEIVED_LEAST = 0  # of opened, progress
const LIMIT_RECEIVED_MOST = 4611686018427387904  # of opened, progress
const LIMIT_CREDIT_LEAST = 0  # of opened
const LIMIT_ANIMATED_LEAST = 0  # of progress
const LIMIT_ANIMATED_MOST = 4611686018427387904  # of progress
const LIMIT_FPS_FEWEST_ITEMS = 2  # of schema
const LIMIT_FPS_MOST_ITEMS = 2  # of schema
const LIMIT_LATENCY_SAMPLES_LEAST = 0  # of schema
const LIMIT_CURVES_MOST_ITEMS = 2000  # of schema
const LIMIT_NAME_LONGEST = 200  # of curve
const LIMIT_LOW_LEAST = -1000000.0  # of curve
const LIMIT_LOW_MOST = 1000000.0  # of curve
const LIMIT_HIGH_LEAST = -1000000.0  # of curve
const LIMIT_HIGH_MOST = 1000000.0  # of curve

# Fields that hold one of a few values.
const CHOICE_ENCODING = ["s16", "f32", "opus"]
const CHOICE_PACE = ["realtime", "burst"]
const CHOICE_MODEL = ["live", "live-40"]
const CHOICE_MODE = ["speak", "listen"]
const CHOICE_DETAIL = [1, 2, 4]

# What a field is that is not there; where nothing is said: 0, empty or false.
const ABSENT_OPEN_VERSION = 1
const ABSENT_OPEN_SAMPLE_RATE = 16000
const ABSENT_OPEN_ENCODING = "s16"
const ABSENT_OPEN_FPS = "60"
const ABSENT_OPEN_RIG = "livelink"
const ABSENT_OPEN_PACE = "realtime"
const ABSENT_OPEN_MODEL = "live"
const ABSENT_OPEN_MODE = "speak"
const ABSENT_OPEN_ALIVE = 1
const ABSENT_OPEN_DETAIL = 1
const ABSENT_DIRECT_AT = -1
const ABSENT_CLOSED_REASON = "client"
const ABSENT_CURVE_HIGH = 1.0

# The rules of the jitter buffer.
const JITTER_FADE_NS = 100000000  # ns over a jump
const JITTER_HOLD_MS = 100  # ms that a late frame's place is held; in samples: * rate / 1000, rounded down
const JITTER_BRIDGE_MS = 250  # ms of lost frames that are drawn over; in samples: * rate / 1000, rounded down
const JITTER_BEHIND_MS = 500  # ms kept behind what plays; in samples: * rate / 1000, rounded down
const JITTER_MOST_SOUNDING = 36000  # frames with sound that are kept
const JITTER_MOST_IDLE = 16  # idle frames that are kept
const JITTER_IDLE_BEHIND = 3  # frames that idle life may lag
const JITTER_IDLE_STALE_NS = 500000000  # ns without a new idle frame, after which the face rests
const JITTER_JUMP = 4  # frames besides the time that went by that are no jump
const JITTER_LATENESS = 120  # pictures that lateness is measured over
const JITTER_KNOWN = 4096  # indices back that a frame is still new

# What clients do by themselves.
const CLIENT_PING_MS = 20000  # between pings: who says nothing for minutes is ended
const CLIENT_RETRY_MS = 500  # before a refused session is opened again
const CLIENT_SCHEMA_WAIT_MS = 2000  # that sound waits for the first schema or frame
const CLIENT_HEARTBEAT_MS = 1000  # ZeroMQ's; three unanswered: the service is gone
const CLIENT_RECONNECT_MS = 50
const CLIENT_LONGEST_RECONNECT_MS = 1000
# errors after which a session is resumed
const CLIENT_OUT_OF_STEP = ["session", "gap", "credit"]
const CLIENT_LATER = "rate"  # error of open after which it is tried again by itself

# Curves by rig. The schema says which come, and in which order.
const CURVES_ARKIT = ["eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft",
    "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight",
    "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward", "jawRight", "jawLeft", "jawOpen",
    "mouthClose", "mouthFunnel", "mouthPucker", "mouthRight", "mouthLeft", "mouthSmileLeft",
    "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper", "mouthShrugLower",
    "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp",
    "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut"]
const CURVES_LIVELINK = ["eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft",
    "eyeLookUpLeft", "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight",
    "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward", "jawRight",
    "jawLeft", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRight", "mouthLeft",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft",
    "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight",
    "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut", "headYaw", "headPitch", "headRoll", "leftEyeYaw",
    "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch", "rightEyeRoll"]
const CURVES_VRM = ["happy", "angry", "sad", "relaxed", "surprised", "aa", "ih", "ou", "ee", "oh", "blink",
    "blinkLeft", "blinkRight", "lookUp", "lookDown", "lookLeft", "lookRight", "neutral"]
const CURVES_OCULUS = ["sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS", "nn", "RR", "aa", "E", "ih", "oh",
    "ou"]
const CURVES_METAHUMAN = ["CTRL_expressions_browDownL", "CTRL_expressions_browDownR",
    "CTRL_expressions_browLateralL", "CTRL_expressions_browLateralR", "CTRL_expressions_browRaiseInL",
    "CTRL_expressions_browRaiseInR", "CTRL_expressions_browRaiseOuterL", "CTRL_expressions_browRaiseOuterR",
    "CTRL_expressions_eyeBlinkL", "CTRL_expressions_eyeBlinkR", "CTRL_expressions_eyeWidenL",
    "CTRL_expressions_eyeWidenR", "CTRL_expressions_eyeSquintInnerL", "CTRL_expressions_eyeSquintInnerR",
    "CTRL_expressions_eyeCheekRaiseL", "CTRL_expressions_eyeCheekRaiseR", "CTRL_expressions_eyeFaceScrunchL",
    "CTRL_expressions_eyeFaceScrunchR", "CTRL_expressions_noseWrinkleL", "CTRL_expressions_noseWrinkleR",
    "CTRL_expressions_noseNostrilDepressL", "CTRL_expressions_noseNostrilDepressR",
    "CTRL_expressions_noseNostrilDilateL", "CTRL_expressions_noseNostrilDilateR",
    "CTRL_expressions_noseNostrilCompressL", "CTRL_expressions_noseNostrilCompressR",
    "CTRL_expressions_noseNasolabialDeepenL", "CTRL_expressions_noseNasolabialDeepenR",
    "CTRL_expressions_mouthCheekSuckL", "CTRL_expressions_mouthCheekSuckR",
    "CTRL_expressions_mouthCheekBlowL", "CTRL_expressions_mouthCheekBlowR", "CTRL_expressions_mouthLeft",
    "CTRL_expressions_mouthRight", "CTRL_expressions_mouthUpperLipRaiseL",
    "CTRL_expressions_mouthUpperLipRaiseR", "CTRL_expressions_mouthLowerLipDepressL",
    "CTRL_expressions_mouthLowerLipDepressR", "CTRL_expressions_mouthCornerPullL",
    "CTRL_expressions_mouthCornerPullR", "CTRL_expressions_mouthStretchL", "CTRL_expressions_mouthStretchR",
    "CTRL_expressions_mouthDimpleL", "CTRL_expressions_mouthDimpleR", "CTRL_expressions_mouthCornerDepressL",
    "CTRL_expressions_mouthCornerDepressR", "CTRL_expressions_mouthLipsPurseUL",
    "CTRL_expressions_mouthLipsPurseUR", "CTRL_expressions_mouthLipsPurseDL",
    "CTRL_expressions_mouthLipsPurseDR", "CTRL_expressions_mouthLipsTowardsUL",
    "CTRL_expressions_mouthLipsTowardsUR", "CTRL_expressions_mouthLipsTowardsDL",
    "CTRL_expressions_mouthLipsTowardsDR", "CTRL_expressions_mouthFunnelUL", "CTRL_expressions_mouthFunnelUR",
    "CTRL_expressions_mouthFunnelDL", "CTRL_expressions_mouthFunnelDR",
    "CTRL_expressions_mouthLipsTogetherUL", "CTRL_expressions_mouthLipsTogetherUR",
    "CTRL_expressions_mouthLipsTogetherDL", "CTRL_expressions_mouthLipsTogetherDR",
    "CTRL_expressions_mouthUpperLipBiteL", "CTRL_expressions_mouthUpperLipBiteR",
    "CTRL_expressions_mouthLowerLipBiteL", "CTRL_expressions_mouthLowerLipBiteR",
    "CTRL_expressions_mouthLipsTightenUL", "CTRL_expressions_mouthLipsTightenUR",
    "CTRL_expressions_mouthLipsTightenDL", "CTRL_expressions_mouthLipsTightenDR",
    "CTRL_expressions_mouthLipsPressL", "CTRL_expressions_mouthLipsPressR",
    "CTRL_expressions_mouthSharpCornerPullL", "CTRL_expressions_mouthSharpCornerPullR",
    "CTRL_expressions_mouthStickyUC", "CTRL_expressions_mouthStickyUINL", "CTRL_expressions_mouthStickyUINR",
    "CTRL_expressions_mouthStickyUOUTL", "CTRL_expressions_mouthStickyUOUTR",
    "CTRL_expressions_mouthStickyDC", "CTRL_expressions_mouthStickyDINL", "CTRL_expressions_mouthStickyDINR",
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
    "CTRL_expressions_mouthCornerUpL", "CTRL_expressions_mouthCornerUpR", "CTRL_expressions_mouthCornerDownL",
    "CTRL_expressions_mouthCornerDownR", "CTRL_expressions_jawOpen", "CTRL_expressions_jawLeft",
    "CTRL_expressions_jawRight", "CTRL_expressions_jawFwd", "CTRL_expressions_jawBack",
    "CTRL_expressions_jawChinRaiseDL", "CTRL_expressions_jawChinRaiseDR", "CTRL_expressions_jawOpenExtreme",
    "CTRL_expressions_eyeLookUpL", "CTRL_expressions_eyeLookUpR", "CTRL_expressions_eyeLookDownL",
    "CTRL_expressions_eyeLookDownR", "CTRL_expressions_eyeLookLeftL", "CTRL_expressions_eyeLookLeftR",
    "CTRL_expressions_eyeLookRightL", "CTRL_expressions_eyeLookRightR", "CTRL_expressions_noseWrinkleUpperL",
    "CTRL_expressions_noseWrinkleUpperR", "CTRL_expressions_earUpL", "CTRL_expressions_earUpR",
    "CTRL_expressions_eyelashesDownINL", "CTRL_expressions_eyelashesDownINR",
    "CTRL_expressions_eyelashesDownOUTL", "CTRL_expressions_eyelashesDownOUTR",
    "CTRL_expressions_eyelashesUpINL", "CTRL_expressions_eyelashesUpINR", "CTRL_expressions_eyelashesUpOUTL",
    "CTRL_expressions_eyelashesUpOUTR", "CTRL_expressions_eyeLidPressL", "CTRL_expressions_eyeLidPressR",
    "CTRL_expressions_eyeLowerLidDownL", "CTRL_expressions_eyeLowerLidDownR",
    "CTRL_expressions_eyeLowerLidUpL", "CTRL_expressions_eyeLowerLidUpR",
    "CTRL_expressions_eyeParallelLookDirection", "CTRL_expressions_eyePupilNarrowL",
    "CTRL_expressions_eyePupilNarrowR", "CTRL_expressions_eyePupilWideL", "CTRL_expressions_eyePupilWideR",
    "CTRL_expressions_eyeRelaxL", "CTRL_expressions_eyeRelaxR", "CTRL_expressions_eyeUpperLidUpL",
    "CTRL_expressions_eyeUpperLidUpR", "CTRL_expressions_jawChinCompressL",
    "CTRL_expressions_jawChinCompressR", "CTRL_expressions_jawChinRaiseUL", "CTRL_expressions_jawChinRaiseUR",
    "CTRL_expressions_jawClenchL", "CTRL_expressions_jawClenchR", "CTRL_expressions_mouthCornerNarrowL",
    "CTRL_expressions_mouthCornerNarrowR", "CTRL_expressions_mouthCornerWideL",
    "CTRL_expressions_mouthCornerWideR", "CTRL_expressions_mouthDown", "CTRL_expressions_mouthLipsBlowL",
    "CTRL_expressions_mouthLipsBlowR", "CTRL_expressions_mouthLipsStickyLPh1",
    "CTRL_expressions_mouthLipsStickyLPh2", "CTRL_expressions_mouthLipsStickyLPh3",
    "CTRL_expressions_mouthLipsStickyRPh1", "CTRL_expressions_mouthLipsStickyRPh2",
    "CTRL_expressions_mouthLipsStickyRPh3", "CTRL_expressions_mouthLipsThickInwardDL",
    "CTRL_expressions_mouthLipsThickInwardDR", "CTRL_expressions_mouthLipsThickInwardUL",
    "CTRL_expressions_mouthLipsThickInwardUR", "CTRL_expressions_mouthLipsThinInwardDL",
    "CTRL_expressions_mouthLipsThinInwardDR", "CTRL_expressions_mouthLipsThinInwardUL",
    "CTRL_expressions_mouthLipsThinInwardUR", "CTRL_expressions_mouthLowerLipTowardsTeethL",
    "CTRL_expressions_mouthLowerLipTowardsTeethR", "CTRL_expressions_mouthPressDL",
    "CTRL_expressions_mouthPressDR", "CTRL_expressions_mouthPressUL", "CTRL_expressions_mouthPressUR",
    "CTRL_expressions_mouthStretchLipsCloseL", "CTRL_expressions_mouthStretchLipsCloseR",
    "CTRL_expressions_mouthUp", "CTRL_expressions_mouthUpperLipTowardsTeethL",
    "CTRL_expressions_mouthUpperLipTowardsTeethR", "CTRL_expressions_neckDigastricDown",
    "CTRL_expressions_neckDigastricUp", "CTRL_expressions_neckMastoidContractL",
    "CTRL_expressions_neckMastoidContractR", "CTRL_expressions_neckStretchL", "CTRL_expressions_neckStretchR",
    "CTRL_expressions_neckSwallowPh1", "CTRL_expressions_neckSwallowPh2", "CTRL_expressions_neckSwallowPh3",
    "CTRL_expressions_neckSwallowPh4", "CTRL_expressions_neckThroatDown", "CTRL_expressions_neckThroatExhale",
    "CTRL_expressions_neckThroatInhale", "CTRL_expressions_neckThroatUp", "CTRL_expressions_teethBackD",
    "CTRL_expressions_teethBackU", "CTRL_expressions_teethDownD", "CTRL_expressions_teethDownU",
    "CTRL_expressions_teethFwdD", "CTRL_expressions_teethFwdU", "CTRL_expressions_teethLeftD",
    "CTRL_expressions_teethLeftU", "CTRL_expressions_teethRightD", "CTRL_expressions_teethRightU",
    "CTRL_expressions_teethUpD", "CTRL_expressions_teethUpU", "CTRL_expressions_tongueBendDown",
    "CTRL_expressions_tongueBendUp", "CTRL_expressions_tongueDown", "CTRL_expressions_tongueIn",
    "CTRL_expressions_tongueLeft", "CTRL_expressions_tongueNarrow", "CTRL_expressions_tongueOut",
    "CTRL_expressions_tonguePress", "CTRL_expressions_tongueRight", "CTRL_expressions_tongueRoll",
    "CTRL_expressions_tongueThick", "CTRL_expressions_tongueThin", "CTRL_expressions_tongueTipDown",
    "CTRL_expressions_tongueTipLeft", "CTRL_expressions_tongueTipRight", "CTRL_expressions_tongueTipUp",
    "CTRL_expressions_tongueTwistLeft", "CTRL_expressions_tongueTwistRight", "CTRL_expressions_tongueUp",
    "CTRL_expressions_tongueWide", "HeadTranslationX", "HeadTranslationY", "HeadTranslationZ", "HeadYaw",
    "HeadPitch", "HeadRoll", "HeadControlSwitch", "MHFDSVersion", "DisableFaceOverride"]
