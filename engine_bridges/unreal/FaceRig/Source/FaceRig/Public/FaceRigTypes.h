// What Blueprints tell a character and hear of it.

#pragma once

#include "CoreMinimal.h"

#include "FaceRigTypes.generated.h"

/** When frames leave the service. */
UENUM(BlueprintType)
enum class EFaceRigPace : uint8
{
	/** As fast as they are computed: for sound that this game plays. */
	Burst,
	/** When their sound plays: for others who watch the same subject, over Live Link. */
	Realtime,
};

/** A change of how a character acts. What is left empty stays as it is. */
USTRUCT(BlueprintType)
struct FACERIG_API FFaceRigDirection
{
	GENERATED_BODY()

	/** joy:0.6, a mixture (joy:0.4 surprise:0.3) or plain words. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	FString Emotion;

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	bool bChangeGaze = false;

	/** Metres from between the eyes: X ahead, Y to the character's right, Z up. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig", meta = (EditCondition = "bChangeGaze"))
	FVector Gaze = FVector(1.0, 0.0, 0.0);

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	bool bBlink = false;

	/** speak or listen: whose voice the sound is. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	FString Mode;

	/** Of a listener: positive, neutral or negative. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	FString Attitude;

	/** Strength of layers by name: blinks, gaze, head, emotion ... */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	TMap<FString, float> Layers;

	/** The text of a style file (TOML). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	FString Style;

	/** Below 0: as the service has it. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig", meta = (Units = "s"))
	float TransitionSecs = -1.0f;
};

DECLARE_DYNAMIC_MULTICAST_DELEGATE(FFaceRigConnected);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_OneParam(FFaceRigDisconnected, const FString&, Reason);
DECLARE_DYNAMIC_MULTICAST_DELEGATE(FFaceRigInterrupted);
DECLARE_DYNAMIC_MULTICAST_DELEGATE(FFaceRigSpeechFinished);
DECLARE_DYNAMIC_MULTICAST_DELEGATE_ThreeParams(FFaceRigError, const FString&, Code, const FString&, What, const FString&, Fix);
