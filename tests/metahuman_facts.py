"""What is known of MetaHuman controls, written down apart from the rigs: the tests compare."""

from __future__ import annotations

# ARKit's poses on the raw controls (Epic's mh_arkit_mapping_pose without its noise); {S} is L, then R.
#  shape                 controls at 1, and how far
POSES = """
eyeBlink{Side}           eyeBlink{S} 1
eyeLookDown{Side}        eyeLookDown{S} 1
eyeLookUp{Side}          eyeLookUp{S} 1
eyeLookInLeft            eyeLookRightL 1
eyeLookOutLeft           eyeLookLeftL 1
eyeLookInRight           eyeLookLeftR 1
eyeLookOutRight          eyeLookRightR 1
eyeSquint{Side}          eyeSquintInner{S} 1
eyeWide{Side}            eyeWiden{S} 1
jawForward               jawFwd 1
jawLeft                  jawLeft 1
jawRight                 jawRight 1
jawOpen                  jawOpen 1
mouthClose
mouthFunnel              mouthFunnelUL 1 mouthFunnelUR 1 mouthFunnelDL 1 mouthFunnelDR 1
mouthPucker              mouthLipsPurseUL 1 mouthLipsPurseUR 1 mouthLipsPurseDL 1 mouthLipsPurseDR 1 \
                         mouthLipsTowardsUL 0.412242 mouthLipsTowardsUR 0.412242 \
                         mouthLipsTowardsDL 0.412242 mouthLipsTowardsDR 0.412242 \
                         mouthFunnelUL 0.751934 mouthFunnelUR 0.751934 \
                         mouthFunnelDL 0.751934 mouthFunnelDR 0.751934
mouthLeft                mouthLeft 1
mouthRight               mouthRight 1
mouthSmile{Side}         mouthCornerPull{S} 1
mouthFrown{Side}         mouthCornerDepress{S} 1
mouthDimple{Side}        mouthDimple{S} 1
mouthStretch{Side}       mouthStretch{S} 1
mouthRollLower           mouthLowerLipRollInL 1 mouthLowerLipRollInR 1
mouthRollUpper           mouthUpperLipRollInL 1 mouthUpperLipRollInR 1
mouthShrugLower          jawChinRaiseDL 1 jawChinRaiseDR 1
mouthShrugUpper          jawChinRaiseUL 1 jawChinRaiseUR 1
mouthPress{Side}         mouthPressU{S} 1 mouthPressD{S} 1
mouthLowerDown{Side}     mouthLowerLipDepress{S} 1
mouthUpperUp{Side}       mouthUpperLipRaise{S} 1
browDown{Side}           browDown{S} 1
browInnerUp              browRaiseInL 1 browRaiseInR 1 browLateralL 1 browLateralR 1
browOuterUp{Side}        browRaiseIn{S} 1 browRaiseOuter{S} 1
cheekPuff                mouthCheekBlowL 1 mouthCheekBlowR 1 mouthLipsBlowL 1 mouthLipsBlowR 1
cheekSquint{Side}        eyeCheekRaise{S} 1
noseSneer{Side}          noseWrinkle{S} 1
tongueOut                tongueOut 0.768854 tongueDown 0.825971 tongueWide 0.627775 tongueBendDown 0.247319
"""

# What the reference table has besides, and why it is no part of the pose.
#  pose                 controls                                                       why
EXTRAS = """
EyeWideRight            eyeSquintInnerR jawFwd                                          1e-6
JawRight                jawOpen jawLeft                                                 1e-6
MouthFunnel             mouthLipsPurse{UD}{S} mouthLipsTogether{UD}{S} jawOpen          1e-6
MouthRight              mouthLeft mouthCornerPullL                                      1e-6
MouthSmileRight         mouthCornerPullL mouthCornerDepressL                            1e-6
MouthSmileRight         mouthDimpleR                                                    0.0025
MouthDimpleLeft         mouthDimpleR mouthCornerDepressR                                1e-6
MouthStretchRight       mouthStretchL mouthUpperLipRollIn{S} mouthLowerLipRollIn{S}     1e-6
MouthRollLower          mouthUpperLipRollIn{S}                                          between-keys
MouthShrugLower         mouthUpperLipRollIn{S} jawChinRaiseU{S}                         1e-6
MouthPressRight         mouthLowerLipDepressL mouthPressUL mouthPressDL                 1e-6
MouthUpperUpLeft        mouthUpperLipRaiseR mouthLowerLipDepressR                       1e-6
BrowDownRight           browDownL browLateralR browRaiseIn{S}                           1e-6
BrowDownLeft            browLateralL                                                    drift
BrowDownRight           browLateralL                                                    drift
BrowOuterUpLeft         browLateralL                                                    drift
BrowOuterUpRight        browLateralL                                                    drift
BrowOuterUpRight        browRaiseInL browRaiseOuterL mouthCheekBlow{S} mouthLipsBlow{S} 1e-6
CheekPuff               browLateralL                                                    drift
CheekSquintLeft         browLateralL                                                    drift
CheekSquintRight        browLateralL                                                    drift
NoseSneerLeft           browLateralL                                                    drift
NoseSneerLeft           eyeCheekRaiseR noseWrinkleR                                     1e-6
NoseSneerRight          browLateralL                                                    drift
TongueOut               browLateralL                                                    drift
TongueOut               tongueRight                                                     one-sided
"""
RENAMED = {"tongueRollDown": "tongueBendDown"}  # since the tongue's board bends and twists

# Which raw control each end of a board's axis drives (Epic's MetaHuman DNA Calibration); {S} is L and R.
#  control                      axis  +1                      -1 (- for none)
BOARD = """
CTRL_{S}_brow_down                Y     browDown{S}             -
CTRL_{S}_brow_lateral             Y     browLateral{S}          -
CTRL_{S}_brow_raiseIn             Y     browRaiseIn{S}          -
CTRL_{S}_brow_raiseOut            Y     browRaiseOuter{S}       -
CTRL_{S}_eye                      X     eyeLookLeft{S}          eyeLookRight{S}
CTRL_{S}_eye                      Y     eyeLookUp{S}            eyeLookDown{S}
CTRL_{S}_eye_blink                Y     eyeBlink{S}             eyeWiden{S}
CTRL_{S}_eye_squintInner          Y     eyeSquintInner{S}       -
CTRL_{S}_eye_cheekRaise           Y     eyeCheekRaise{S}        -
CTRL_{S}_nose                     Y     noseWrinkle{S}          noseNostrilDepress{S}
CTRL_{S}_mouth_suckBlow           Y     mouthCheekBlow{S}       mouthCheekSuck{S}
CTRL_{S}_mouth_lipsBlow           Y     mouthLipsBlow{S}        -
CTRL_{S}_mouth_upperLipRaise      Y     mouthUpperLipRaise{S}   -
CTRL_{S}_mouth_lowerLipDepress    Y     mouthLowerLipDepress{S} -
CTRL_{S}_mouth_cornerPull         Y     mouthCornerPull{S}      -
CTRL_{S}_mouth_stretch            Y     mouthStretch{S}         -
CTRL_{S}_mouth_dimple             Y     mouthDimple{S}          -
CTRL_{S}_mouth_cornerDepress      Y     mouthCornerDepress{S}   -
CTRL_{S}_mouth_pressU             Y     mouthPressU{S}          -
CTRL_{S}_mouth_pressD             Y     mouthPressD{S}          -
CTRL_{S}_mouth_purseU             Y     mouthLipsPurseU{S}      -
CTRL_{S}_mouth_purseD             Y     mouthLipsPurseD{S}      -
CTRL_{S}_mouth_towardsU           Y     mouthLipsTowardsU{S}    -
CTRL_{S}_mouth_towardsD           Y     mouthLipsTowardsD{S}    -
CTRL_{S}_mouth_funnelU            Y     mouthFunnelU{S}         -
CTRL_{S}_mouth_funnelD            Y     mouthFunnelD{S}         -
CTRL_{S}_mouth_lipsTogetherU      Y     mouthLipsTogetherU{S}   -
CTRL_{S}_mouth_lipsTogetherD      Y     mouthLipsTogetherD{S}   -
CTRL_{S}_mouth_lipBiteD           Y     mouthLowerLipBite{S}    -
CTRL_{S}_mouth_stickyInnerU       Y     mouthStickyUIN{S}       -
CTRL_{S}_mouth_stickyInnerD       Y     mouthStickyDIN{S}       -
CTRL_{S}_mouth_stickyOuterU       Y     mouthStickyUOUT{S}      -
CTRL_{S}_mouth_stickyOuterD       Y     mouthStickyDOUT{S}      -
CTRL_{S}_mouth_lipsRollU          Y     mouthUpperLipRollIn{S}  mouthUpperLipRollOut{S}
CTRL_{S}_mouth_lipsRollD          Y     mouthLowerLipRollIn{S}  mouthLowerLipRollOut{S}
CTRL_{S}_jaw_ChinRaiseU           Y     jawChinRaiseU{S}        -
CTRL_{S}_jaw_ChinRaiseD           Y     jawChinRaiseD{S}        -
CTRL_C_mouth_stickyU              Y     mouthStickyUC           -
CTRL_C_mouth_stickyD              Y     mouthStickyDC           -
CTRL_C_mouth                      X     mouthLeft               mouthRight
CTRL_C_jaw                        X     jawRight                jawLeft
CTRL_C_jaw                        Y     jawOpen                 -
CTRL_C_jaw_fwdBack                Y     jawBack                 jawFwd
CTRL_C_tongue                     Y     tongueUp                tongueDown
CTRL_C_tongue_roll                Y     tongueBendUp            tongueBendDown
CTRL_C_tongue_inOut               Y     tongueIn                tongueOut
CTRL_C_tongue_narrowWide          Y     tongueWide              tongueNarrow
"""

P = "CTRL_expressions_"


def _both_sides(table: str) -> list[str]:
    lines = []
    for line in table.strip().splitlines():
        sides = "LR" if "{S}" in line or "{Side}" in line else "L"
        lines += [line.format(S=s, Side={"L": "Left", "R": "Right"}[s], UD="{UD}") for s in sides]
    return lines


def poses() -> dict[str, dict[str, float]]:
    """Raw controls of each ARKit shape alone at 1."""
    out = {}
    for line in _both_sides(POSES):
        shape, *cells = line.split()
        out[shape] = {P + name: float(value) for name, value in zip(cells[::2], cells[1::2], strict=True)}
    return out


def extras() -> set[tuple[str, str]]:
    """(pose, control) of the reference table that are no part of the pose."""
    out = set()
    for line in EXTRAS.strip().splitlines():
        pose, *controls, _ = line.split()
        for control in controls:
            out |= {(pose, P + control.format(S=s, UD=v)) for s in "LR" for v in "UD"}
    return out


def board() -> dict[str, tuple[str, float]]:
    """Raw control -> (GUI curve, the sign that drives it)."""
    out = {}
    for line in _both_sides(BOARD):
        control, axis, plus, minus = line.split()
        for raw, sign in ((plus, 1.0), (minus, -1.0)):
            if raw != "-":
                out[P + raw] = (f"{control}-translate{axis}", sign)
    return out
