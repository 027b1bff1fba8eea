// What the plugin's parts share: the log, and one connection for all characters of a service.

#pragma once

#include "CoreMinimal.h"
#include "Async/Future.h"
#include "Modules/ModuleManager.h"

#include <memory>
#include <vector>

#include "FaceRigCore/Client.h"

DECLARE_LOG_CATEGORY_EXTERN(LogFaceRig, Log, All);

class FFaceRigLocalSource;

class FFaceRigModule : public IModuleInterface
{
public:
	static FFaceRigModule& Get();

	virtual void ShutdownModule() override;

	/** Where the project's settings say the service is. */
	static facerig::Address ProjectAddress();

	/** The connection to a service, made where there is none. It ends with the last who holds it, in the background. */
	std::shared_ptr<facerig::Client> Connect(const facerig::Address& Address);

	/** Logs what happened to a connection itself. */
	void Report(facerig::Client& Client);

	/** The Live Link source of the characters that this game plays; null without the plugin LiveLink. */
	TSharedPtr<FFaceRigLocalSource> LocalSource();

	/** Runs in the background something that may wait; the module outlives it. */
	void InBackground(TUniqueFunction<void()> Work);

private:
	struct FConnection
	{
		facerig::Address Address;
		std::weak_ptr<facerig::Client> Client;
	};
	std::vector<FConnection> Connections;
	TArray<TFuture<void>> Works;
	TSharedPtr<FFaceRigLocalSource> Local;
};
