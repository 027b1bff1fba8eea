// Project Settings > Plugins > FaceRig.

#pragma once

#include "CoreMinimal.h"
#include "Engine/DeveloperSettings.h"

#include "FaceRigTypes.h"

#include "FaceRigSettings.generated.h"

UCLASS(Config = Game, DefaultConfig, meta = (DisplayName = "FaceRig"))
class FACERIG_API UFaceRigSettings : public UDeveloperSettings
{
	GENERATED_BODY()

public:
	/** Of the service: tcp://host, or tcp://host:port with the port of its control socket (15680). */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Service")
	FString Address = TEXT("tcp://127.0.0.1");

	/** Of the curves; 0: the one after the control socket's. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Service", meta = (ClampMin = "0", ClampMax = "65535"))
	int32 CurvesPort = 0;

	/** CURVE keys, 40 characters each, for a service on another machine (facerig keys new). All or none. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Service|Keys")
	FString ServerPublicKey;

	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Service|Keys")
	FString ClientPublicKey;

	/** Is stored in the project and shipped with it. The environment variable FACERIG_SECRET_KEY goes before it. */
	UPROPERTY(Config, EditAnywhere, Category = "Service|Keys", meta = (PasswordField = true))
	FString ClientSecretKey;

	/** livelink (ARKit's names, and head and eyes), arkit, metahuman, or one of the service's own. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Characters")
	FString Rig = TEXT("livelink");

	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Characters")
	EFaceRigPace Pace = EFaceRigPace::Burst;

	/** Faces must be so far ahead of a sound before it starts. More for a network that is uneven. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Latency", meta = (ClampMin = "0", ClampMax = "1000", Units = "ms"))
	float MarginMs = 50.0f;

	/** A sound without a face starts after this: a voice matters more than lips. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Latency", meta = (ClampMin = "0", ClampMax = "10000", Units = "ms"))
	float PatienceMs = 500.0f;

	/** From the mixer's question for a sample until it is heard: buffers of voice and device. Lips early: raise it. */
	UPROPERTY(Config, EditAnywhere, BlueprintReadOnly, Category = "Latency", meta = (ClampMin = "0", ClampMax = "1000", Units = "ms"))
	float OutputLatencyMs = 70.0f;

	virtual FName GetCategoryName() const override;

	/** The secret key that counts. */
	FString SecretKey() const;
};
