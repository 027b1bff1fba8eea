// A Live Link source that shows every character of a service, whoever speaks for it.

#pragma once

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"

#include <memory>

#include "FaceRigCore/Client.h"

class FFaceRigAudience;

/** Subjects appear as the service tells of them, with the curve names of their rig, in the Basic role. */
class FFaceRigLiveLinkSource : public ILiveLinkSource
{
public:
	/** Subjects: whom to show; none: everybody. */
	FFaceRigLiveLinkSource(const facerig::Address& InAddress, const TArray<FString>& InSubjects);
	virtual ~FFaceRigLiveLinkSource() override;

	// ILiveLinkSource
	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

private:
	const facerig::Address Address;
	const TArray<FString> Subjects;
	std::shared_ptr<FFaceRigAudience> Audience; // hears the service, on a thread of its own
	bool bStopping = false;
};
