// Live Link subjects of the characters that this game itself plays: their faces are those of the sample that is heard.

#pragma once

#include "CoreMinimal.h"
#include "ILiveLinkSource.h"

class ILiveLinkClient;

/** Used on the game's thread. */
class FFaceRigLocalSource : public ILiveLinkSource
{
public:
	/** Adds itself to Live Link; null where the plugin LiveLink is off. */
	static TSharedPtr<FFaceRigLocalSource> Create();

	/** The curves of a subject; their values come in this order. */
	void Describe(FName Subject, const TArray<FName>& Curves);

	/** The face that is shown now. */
	void Push(FName Subject, const float* Values, int32 Num);

	/** The character is gone. */
	void Remove(FName Subject);

	// ILiveLinkSource
	virtual void ReceiveClient(ILiveLinkClient* InClient, FGuid InSourceGuid) override;
	virtual bool IsSourceStillValid() const override;
	virtual bool RequestSourceShutdown() override;
	virtual FText GetSourceType() const override;
	virtual FText GetSourceMachineName() const override;
	virtual FText GetSourceStatus() const override;

private:
	ILiveLinkClient* Client = nullptr;
	FGuid SourceGuid;
	TMap<FName, int32> Subjects; // and how many curves they have
};
