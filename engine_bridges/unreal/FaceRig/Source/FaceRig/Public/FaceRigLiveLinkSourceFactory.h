// Live Link > Source > FaceRig, and the same from a preset.

#pragma once

#include "CoreMinimal.h"
#include "LiveLinkSourceFactory.h"

#include "FaceRigLiveLinkSourceFactory.generated.h"

UCLASS()
class FACERIG_API UFaceRigLiveLinkSourceFactory : public ULiveLinkSourceFactory
{
	GENERATED_BODY()

public:
	virtual FText GetSourceDisplayName() const override;
	virtual FText GetSourceTooltip() const override;
	virtual EMenuType GetMenuType() const override;

	/**
	 * ConnectionString: address=tcp://host:port;curves=port;subjects=anna,bob. What is not named is as in the project's
	 * settings; without subjects everybody is shown. Keys are never in it: they are the project's.
	 */
	virtual TSharedPtr<ILiveLinkSource> CreateSource(const FString& ConnectionString) const override;
};
