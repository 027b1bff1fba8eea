// made by python -m tools.bridges from facerig/service/wire.py; do not edit
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace facerig::wire {

inline constexpr int kVersion = 1;
inline constexpr int kControlPort = 15680;  // port of the control socket
inline constexpr int kCurvesPort = 15681;  // port of the curves' socket
inline constexpr int kLargestMessage = 1048576;  // bytes of sound in a message
inline constexpr int kMostCurves = 2000;  // curves in a frame
inline constexpr int kLongestName = 64;  // characters of a subject

/// Frames of curves: where fields lie, and flags.
namespace frame {
inline constexpr std::string_view kMagic = "FRIG";  // the first bytes of a frame
inline constexpr int kHeaderBytes = 28;  // then come `count` values of 4 bytes
inline constexpr int kVersionAt = 4;  // u8
inline constexpr int kFlagsAt = 5;  // u8 1: the last of the sound before a flush, 2: nobody speaks (idle), 12: 4 * (step - 1)
inline constexpr int kCountAt = 6;  // u16 of values
inline constexpr int kEpochAt = 8;  // u32
inline constexpr int kIndexAt = 12;  // u64 of the frame in its session; a gap of more than `step` is frames that were lost
inline constexpr int kSampleAt = 20;  // i64
inline constexpr int kValuesAt = 28;  // f32[count]
inline constexpr int kLast = 1;
inline constexpr int kIdle = 2;
inline constexpr int kStep = 12;
inline constexpr int kLongestStep = 4;
inline constexpr int kStepShift = 2;  // a frame's step is steps[(flags & step) >> step_shift]
/// indices that the frame before lies back
inline constexpr std::array<int, 4> kSteps{1, 2, 3, 4};
inline constexpr int kSilence = -1;  // sample of a frame that belongs to no sound
}  // namespace frame

/// What the key `type` of a message may say.
namespace tag {
inline constexpr std::string_view kOpen = "open";
inline constexpr std::string_view kResume = "resume";
inline constexpr std::string_view kAudio = "audio";
inline constexpr std::string_view kDirect = "direct";
inline constexpr std::string_view kSay = "say";
inline constexpr std::string_view kInterrupt = "interrupt";
inline constexpr std::string_view kFlush = "flush";
inline constexpr std::string_view kClose = "close";
inline constexpr std::string_view kPing = "ping";
inline constexpr std::string_view kStatistics = "statistics";
inline constexpr std::string_view kOpened = "opened";
inline constexpr std::string_view kProgress = "progress";
inline constexpr std::string_view kSpoken = "spoken";
inline constexpr std::string_view kInterrupted = "interrupted";
inline constexpr std::string_view kClosed = "closed";
inline constexpr std::string_view kPong = "pong";
inline constexpr std::string_view kError = "error";
inline constexpr std::string_view kSchema = "schema";
}  // namespace tag

/// Keys of messages.
namespace field {
inline constexpr std::string_view kType = "type";
inline constexpr std::string_view kVersion = "version";
inline constexpr std::string_view kSubject = "subject";
inline constexpr std::string_view kSampleRate = "sample_rate";
inline constexpr std::string_view kEncoding = "encoding";
inline constexpr std::string_view kFps = "fps";
inline constexpr std::string_view kRig = "rig";
inline constexpr std::string_view kPace = "pace";
inline constexpr std::string_view kModel = "model";
inline constexpr std::string_view kSeed = "seed";
inline constexpr std::string_view kMode = "mode";
inline constexpr std::string_view kEmotion = "emotion";
inline constexpr std::string_view kAlive = "alive";
inline constexpr std::string_view kDetail = "detail";
inline constexpr std::string_view kToken = "token";
inline constexpr std::string_view kSession = "session";
inline constexpr std::string_view kEpoch = "epoch";
inline constexpr std::string_view kAt = "at";
inline constexpr std::string_view kData = "data";
inline constexpr std::string_view kGaze = "gaze";
inline constexpr std::string_view kBlink = "blink";
inline constexpr std::string_view kAttitude = "attitude";
inline constexpr std::string_view kLayers = "layers";
inline constexpr std::string_view kStyle = "style";
inline constexpr std::string_view kTransitionSecs = "transition_secs";
inline constexpr std::string_view kText = "text";
inline constexpr std::string_view kVoice = "voice";
inline constexpr std::string_view kNumber = "number";
inline constexpr std::string_view kSchema = "schema";
inline constexpr std::string_view kReceived = "received";
inline constexpr std::string_view kCredit = "credit";
inline constexpr std::string_view kAnimated = "animated";
inline constexpr std::string_view kLast = "last";
inline constexpr std::string_view kReason = "reason";
inline constexpr std::string_view kClockNs = "clock_ns";
inline constexpr std::string_view kFigures = "figures";
inline constexpr std::string_view kCode = "code";
inline constexpr std::string_view kWhat = "what";
inline constexpr std::string_view kWhere = "where";
inline constexpr std::string_view kFix = "fix";
inline constexpr std::string_view kLatencySamples = "latency_samples";
inline constexpr std::string_view kCurves = "curves";
inline constexpr std::string_view kName = "name";
inline constexpr std::string_view kLow = "low";
inline constexpr std::string_view kHigh = "high";
}  // namespace field

/// What fields may hold.
namespace limit {
inline constexpr int kVersionLeast = 1;  // of open
inline constexpr int kVersionMost = 255;  // of open
inline constexpr int kSubjectShortest = 1;  // of open, schema
inline constexpr int kSubjectLongest = 64;  // of open, schema
inline constexpr std::string_view kSubjectPattern = "^[^\\x00-\\x1f\\x7f/\\\\=+@-][^\\x00-\\x1f\\x7f/\\\\]*$";  // of open, schema
inline constexpr int kSampleRateLeast = 8000;  // of open
inline constexpr int kSampleRateMost = 48000;  // of open
inline constexpr int kFpsLongest = 40;  // of open
inline constexpr int kRigLongest = 64;  // of open
inline constexpr std::string_view kRigPattern = "^[a-z0-9][a-z0-9_-]*$";  // of open
inline constexpr int kSeedLeast = 0;  // of open
inline constexpr std::int64_t kSeedMost = 9223372036854775807LL;  // of open
inline constexpr int kEmotionLongest = 200;  // of open, direct
inline constexpr std::string_view kTokenPattern = "^[0-9a-f]{32}$";  // of resume, opened
inline constexpr int kSessionLeast = 1;
inline constexpr int kSessionMost = 2147483647;
inline constexpr int kEpochLeast = 0;
inline constexpr int kEpochMost = 2147483647;
inline constexpr int kAudioAtLeast = 0;
inline constexpr int kDirectAtLeast = -1;
inline constexpr int kSpokenAtLeast = 0;
inline constexpr int kInterruptedAtLeast = 0;
inline constexpr std::int64_t kAtMost = 4611686018427387904LL;  // of audio, direct, spoken, interrupted
inline constexpr int kDataLongest = 1048576;  // of audio, spoken
inline constexpr int kGazeFewestItems = 3;  // of direct
inline constexpr int kGazeMostItems = 3;  // of direct
inline constexpr double kGazeLeast = -1000000.0;  // of direct
inline constexpr double kGazeMost = 1000000.0;  // of direct
inline constexpr int kGazeLongest = 200;  // of direct
inline constexpr int kLayersMostItems = 16;  // of direct
inline constexpr double kLayersLeast = -1000000.0;  // of direct
inline constexpr double kLayersMost = 1000000.0;  // of direct
inline constexpr int kStyleLongest = 20000;  // of direct
inline constexpr int kTransitionSecsLeast = 0;  // of direct
inline constexpr int kTransitionSecsMost = 60;  // of direct
inline constexpr int kTextShortest = 1;  // of say
inline constexpr int kTextLongest = 20000;  // of say
inline constexpr int kVoiceLongest = 200;  // of say
inline constexpr int kNumberLeast = 0;  // of ping
inline constexpr std::int64_t kNumberMost = 4611686018427387904LL;  // of ping
inline constexpr int kReceivedLeast = 0;  // of opened, progress
inline constexpr std::int64_t kReceivedMost = 4611686018427387904LL;  // of opened, progress
inline constexpr int kCreditLeast = 0;  // of opened
inline constexpr int kAnimatedLeast = 0;  // of progress
inline constexpr std::int64_t kAnimatedMost = 4611686018427387904LL;  // of progress
inline constexpr int kFpsFewestItems = 2;  // of schema
inline constexpr int kFpsMostItems = 2;  // of schema
inline constexpr int kLatencySamplesLeast = 0;  // of schema
inline constexpr int kCurvesMostItems = 2000;  // of schema
inline constexpr int kNameLongest = 200;  // of curve
inline constexpr double kLowLeast = -1000000.0;  // of curve
inline constexpr double kLowMost = 1000000.0;  // of curve
inline constexpr double kHighLeast = -1000000.0;  // of curve
inline constexpr double kHighMost = 1000000.0;  // of curve
}  // namespace limit

/// Fields that hold one of a few values.
namespace choice {
inline constexpr std::array<std::string_view, 3> kEncoding{"s16", "f32", "opus"};
inline constexpr std::array<std::string_view, 2> kPace{"realtime", "burst"};
inline constexpr std::array<std::string_view, 2> kModel{"live", "live-40"};
inline constexpr std::array<std::string_view, 2> kMode{"speak", "listen"};
inline constexpr std::array<int, 3> kDetail{1, 2, 4};
}  // namespace choice

/// What a field is that is not there; where nothing is said: 0, empty or false.
namespace absent {
inline constexpr int kOpenVersion = 1;
inline constexpr int kOpenSampleRate = 16000;
inline constexpr std::string_view kOpenEncoding = "s16";
inline constexpr std::string_view kOpenFps = "60";
inline constexpr std::string_view kOpenRig = "livelink";
inline constexpr std::string_view kOpenPace = "realtime";
inline constexpr std::string_view kOpenModel = "live";
inline constexpr std::string_view kOpenMode = "speak";
inline constexpr int kOpenAlive = 1;
inline constexpr int kOpenDetail = 1;
inline constexpr int kDirectAt = -1;
inline constexpr std::string_view kClosedReason = "client";
inline constexpr double kCurveHigh = 1.0;
}  // namespace absent

/// The rules of the jitter buffer.
namespace jitter {
inline constexpr int kFadeNs = 100000000;  // ns over a jump
inline constexpr int kHoldMs = 100;  // ms that a late frame's place is held; in samples: * rate / 1000, rounded down
inline constexpr int kBridgeMs = 250;  // ms of lost frames that are drawn over; in samples: * rate / 1000, rounded down
inline constexpr int kBehindMs = 500;  // ms kept behind what plays; in samples: * rate / 1000, rounded down
inline constexpr int kMostSounding = 36000;  // frames with sound that are kept
inline constexpr int kMostIdle = 16;  // idle frames that are kept
inline constexpr int kIdleBehind = 3;  // frames that idle life may lag
inline constexpr int kIdleStaleNs = 500000000;  // ns without a new idle frame, after which the face rests
inline constexpr int kJump = 4;  // frames besides the time that went by that are no jump
inline constexpr int kLateness = 120;  // pictures that lateness is measured over
inline constexpr int kKnown = 4096;  // indices back that a frame is still new
}  // namespace jitter

/// What clients do by themselves.
namespace client {
inline constexpr int kPingMs = 20000;  // between pings: who says nothing for minutes is ended
inline constexpr int kRetryMs = 500;  // before a refused session is opened again
inline constexpr int kSchemaWaitMs = 2000;  // that sound waits for the first schema or frame
inline constexpr int kHeartbeatMs = 1000;  // ZeroMQ's; three unanswered: the service is gone
inline constexpr int kReconnectMs = 50;
inline constexpr int kLongestReconnectMs = 1000;
/// errors after which a session is resumed
inline constexpr std::array<std::string_view, 3> kOutOfStep{"session", "gap", "credit"};
inline constexpr std::string_view kLater = "rate";  // error of open after which it is tried again by itself
}  // namespace client

/// Curves by rig. The schema says which come, and in which order.
namespace curves {
inline constexpr std::array<std::string_view, 52> kArkit{"eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft",
    "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight",
    "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight", "eyeWideRight", "jawForward",
    "jawRight", "jawLeft", "jawOpen", "mouthClose", "mouthFunnel", "mouthPucker", "mouthRight", "mouthLeft",
    "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight", "mouthDimpleLeft",
    "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight",
    "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight",
    "noseSneerLeft", "noseSneerRight", "tongueOut"};
inline constexpr std::array<std::string_view, 61> kLivelink{"eyeBlinkLeft", "eyeLookDownLeft",
    "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft", "eyeWideLeft", "eyeBlinkRight",
    "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight", "eyeSquintRight",
    "eyeWideRight", "jawForward", "jawRight", "jawLeft", "jawOpen", "mouthClose", "mouthFunnel",
    "mouthPucker", "mouthRight", "mouthLeft", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight",
    "mouthRollLower", "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft",
    "mouthPressRight", "mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight", "cheekPuff",
    "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut", "headYaw",
    "headPitch", "headRoll", "leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch",
    "rightEyeRoll"};
inline constexpr std::array<std::string_view, 18> kVrm{"happy", "angry", "sad", "relaxed", "surprised", "aa",
    "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", "lookUp", "lookDown", "lookLeft", "lookRight",
    "neutral"};
inline constexpr std::array<std::string_view, 15> kOculus{"sil", "PP", "FF", "TH", "DD", "kk", "CH", "SS",
    "nn", "RR", "aa", "E", "ih", "oh", "ou"};
inline constexpr std::array<std::string_view, 260> kMetahuman{"CTRL_expressions_browDownL",
    "CTRL_expressions_browDownR", "CTRL_expressions_browLateralL", "CTRL_expressions_browLateralR",
    "CTRL_expressions_browRaiseInL", "CTRL_expressions_browRaiseInR", "CTRL_expressions_browRaiseOuterL",
    "CTRL_expressions_browRaiseOuterR", "CTRL_expressions_eyeBlinkL", "CTRL_expressions_eyeBlinkR",
    "CTRL_expressions_eyeWidenL", "CTRL_expressions_eyeWidenR", "CTRL_expressions_eyeSquintInnerL",
    "CTRL_expressions_eyeSquintInnerR", "CTRL_expressions_eyeCheekRaiseL", "CTRL_expressions_eyeCheekRaiseR",
    "CTRL_expressions_eyeFaceScrunchL", "CTRL_expressions_eyeFaceScrunchR", "CTRL_expressions_noseWrinkleL",
    "CTRL_expressions_noseWrinkleR", "CTRL_expressions_noseNostrilDepressL",
    "CTRL_expressions_noseNostrilDepressR", "CTRL_expressions_noseNostrilDilateL",
    "CTRL_expressions_noseNostrilDilateR", "CTRL_expressions_noseNostrilCompressL",
    "CTRL_expressions_noseNostrilCompressR", "CTRL_expressions_noseNasolabialDeepenL",
    "CTRL_expressions_noseNasolabialDeepenR", "CTRL_expressions_mouthCheekSuckL",
    "CTRL_expressions_mouthCheekSuckR", "CTRL_expressions_mouthCheekBlowL",
    "CTRL_expressions_mouthCheekBlowR", "CTRL_expressions_mouthLeft", "CTRL_expressions_mouthRight",
    "CTRL_expressions_mouthUpperLipRaiseL", "CTRL_expressions_mouthUpperLipRaiseR",
    "CTRL_expressions_mouthLowerLipDepressL", "CTRL_expressions_mouthLowerLipDepressR",
    "CTRL_expressions_mouthCornerPullL", "CTRL_expressions_mouthCornerPullR",
    "CTRL_expressions_mouthStretchL", "CTRL_expressions_mouthStretchR", "CTRL_expressions_mouthDimpleL",
    "CTRL_expressions_mouthDimpleR", "CTRL_expressions_mouthCornerDepressL",
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
    "HeadPitch", "HeadRoll", "HeadControlSwitch", "MHFDSVersion", "DisableFaceOverride"};
}  // namespace curves

}  // namespace facerig::wire
