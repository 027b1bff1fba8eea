// A character that speaks: sound in, sound and face on one clock out.

#pragma once

#include "CoreMinimal.h"
#include "Components/ActorComponent.h"

#include "FaceRigTypes.h"

#include "FaceRigComponent.generated.h"

class UAudioComponent;
class UFaceRigSoundWave;
class USkeletalMeshComponent;
class USoundAttenuation;
class USoundSubmix;
class USoundWave;
class FFaceRigVoice;

namespace facerig
{
	struct Direction;
}

/**
 * Give it sound (a sound wave, samples as they come, or a text for the service's voice): it sends it to the service,
 * plays it as soon as its faces are there, and shows the face of the sample that is heard: as a Live Link subject, on
 * the morph targets of a mesh, or by GetCurve. All calls return at once.
 */
UCLASS(ClassGroup = (Animation), meta = (BlueprintSpawnableComponent, DisplayName = "FaceRig"))
class FACERIG_API UFaceRigComponent : public UActorComponent
{
	GENERATED_BODY()

public:
	UFaceRigComponent();

	// --- before it connects

	/** The character's name, here and in Live Link. Empty: the actor's. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	FString Subject;

	/** Whose curves come. Empty: as in the project's settings. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	FString Rig;

	/** Of the character's sound, as sent and as played. Sound of another rate is resampled. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig", meta = (ClampMin = "8000", ClampMax = "48000", Units = "Hz"))
	int32 SampleRate = 48000;

	/** Frames a second: 60, 30, 29.97 ... Faces between two frames are drawn, so 30 is enough for most. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	FString Fps = TEXT("60");

	/** Of the character's chance: blinks, glances. Equal seeds make equal faces. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	int32 Seed = 0;

	/** joy:0.6, a mixture, or plain words. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	FString Emotion;

	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig")
	bool bConnectOnBeginPlay = true;

	/** Show the face as a Live Link subject, for animation blueprints with a Live Link Pose (MetaHumans). */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig|Face")
	bool bPushToLiveLink = true;

	/** Show the face on the morph targets of the actor's first skeletal mesh that has any of them. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig|Face")
	bool bDriveMorphTargets = false;

	/** Curves whose morph target has another name. The others' is the curve's, in any case. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig|Face", meta = (EditCondition = "bDriveMorphTargets"))
	TMap<FName, FName> MorphTargetNames;

	/** Where the voice comes from, as it gets further away. None: it is heard as it is. */
	UPROPERTY(EditAnywhere, BlueprintReadWrite, Category = "FaceRig|Voice")
	TObjectPtr<USoundAttenuation> Attenuation;

	// --- events

	/** The service has this character; also after another service took its place. */
	UPROPERTY(BlueprintAssignable, Category = "FaceRig")
	FFaceRigConnected OnConnected;

	/** The connection was lost (Reason: lost; it comes back by itself) or the session is over (any other). */
	UPROPERTY(BlueprintAssignable, Category = "FaceRig")
	FFaceRigDisconnected OnDisconnected;

	/** The service has stopped the character: what was said before is forgotten. */
	UPROPERTY(BlueprintAssignable, Category = "FaceRig")
	FFaceRigInterrupted OnInterrupted;

	/** All that was to be said has been heard. */
	UPROPERTY(BlueprintAssignable, Category = "FaceRig")
	FFaceRigSpeechFinished OnSpeechFinished;

	UPROPERTY(BlueprintAssignable, Category = "FaceRig")
	FFaceRigError OnError;

	// --- connection

	/** Connect as the project's settings say. Comes back at once; OnConnected or OnError tell. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void Connect();

	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void Disconnect();

	UFUNCTION(BlueprintPure, Category = "FaceRig")
	bool IsConnected() const;

	// --- speech

	/** Speak a sound asset. It is decoded in the background, and heard as soon as its first faces are there. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void StartSpeaking(USoundWave* Sound);

	/** Speak samples as they come (a microphone, a voice service): interleaved, in [-1, 1], of any rate and channels. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void AppendAudio(const TArray<float>& Samples, int32 InSampleRate = 48000, int32 NumChannels = 1);

	/** The sentence of AppendAudio is over. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void Flush();

	/** Speak a text with the service's voice. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void Say(const FString& Text, const FString& Voice);

	/**
	 * Move the face to what a submix plays (None: the main one), for voices that other systems play. Such sound is heard
	 * before its face can be there: the face is GetTapLateMs late. StartSpeaking and AppendAudio are in time.
	 */
	UFUNCTION(BlueprintCallable, Category = "FaceRig|Submix")
	void StartListening(USoundSubmix* Submix);

	UFUNCTION(BlueprintCallable, Category = "FaceRig|Submix")
	void StopListening();

	/** By how much the face comes after the sound of a submix; 0 where none is listened to. */
	UFUNCTION(BlueprintPure, Category = "FaceRig|Submix")
	float GetTapLateMs() const;

	/** Be silent now: the sound stops, the mouth comes to rest, what was to be said is forgotten. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void Interrupt();

	/** Whether something is heard, or will be. */
	UFUNCTION(BlueprintPure, Category = "FaceRig")
	bool IsSpeaking() const;

	// --- acting

	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void Direct(const FFaceRigDirection& Direction);

	/** joy:0.6, a mixture (joy:0.4 surprise:0.3) or plain words. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void SetEmotion(const FString& InEmotion, float TransitionSecs = -1.0f);

	/** Look at a point: metres from between the eyes, X ahead, Y to the character's right, Z up. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void SetGaze(FVector Metres);

	/** Look at a place in the world, as seen from the actor's eyes (GetActorEyesViewPoint). */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void LookAt(FVector WorldLocation);

	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void ClearGaze();

	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void Blink();

	/** 1, 2 or 4: every so many frames come. For characters that are far away. */
	UFUNCTION(BlueprintCallable, Category = "FaceRig")
	void SetDetail(int32 Detail);

	// --- face and figures

	/** The value of a curve now, by the rig's name or Live Link's; 0 where there is none. */
	UFUNCTION(BlueprintPure, Category = "FaceRig")
	float GetCurve(FName Name) const;

	UFUNCTION(BlueprintPure, Category = "FaceRig")
	TArray<FName> GetCurveNames() const;

	/** How much later than it was given the last sentence was heard: look-ahead, network, margin and output. */
	UFUNCTION(BlueprintPure, Category = "FaceRig")
	float GetLatencyMs() const;

	/** The look-ahead of the service alone: a face needs sound that is so much later. */
	UFUNCTION(BlueprintPure, Category = "FaceRig")
	float GetLookAheadMs() const;

	/** Frames that never came, of all since it connected. */
	UFUNCTION(BlueprintPure, Category = "FaceRig")
	int64 GetLostFrames() const;

	// UActorComponent
	virtual void BeginPlay() override;
	virtual void EndPlay(const EEndPlayReason::Type EndPlayReason) override;
	virtual void TickComponent(float DeltaTime, ELevelTick TickType, FActorComponentTickFunction* ThisTickFunction) override;

private:
	FString SubjectName() const;
	bool IsOpen(const TCHAR* What);
	void Fail(const FString& Code, const FString& What, const FString& Fix);
	void HearEvents(int64 NowNs);
	void TakeNames();
	void ShowFace();
	void PlayVoice(int64 NowNs);
	bool HasAudioDevice() const;
	void TakeAudio(float DeltaTime, int64 NowNs);
	void FindMorphTargets();
	void HearSubmix(int64 NowNs);
	void Send(const facerig::Direction& Message);

	UPROPERTY(Transient)
	TObjectPtr<UAudioComponent> Player;

	UPROPERTY(Transient)
	TObjectPtr<UFaceRigSoundWave> Wave;

	UPROPERTY(Transient)
	TObjectPtr<USkeletalMeshComponent> Mesh;

	UPROPERTY(Transient)
	TObjectPtr<USoundSubmix> Tapped;

	TSharedPtr<FFaceRigVoice> Voice;
};
