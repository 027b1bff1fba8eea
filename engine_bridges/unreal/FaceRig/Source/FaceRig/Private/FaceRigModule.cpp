#include "FaceRigModule.h"

#include "Async/Async.h"

#include <algorithm>

#include "FaceRigLocalSource.h"
#include "FaceRigSettings.h"
#include "FaceRigText.h"

DEFINE_LOG_CATEGORY(LogFaceRig);

IMPLEMENT_MODULE(FFaceRigModule, FaceRig)

namespace
{
	bool IsSame(const facerig::Address& One, const facerig::Address& Other)
	{
		return One.service == Other.service && One.curves_port == Other.curves_port && One.keys.server == Other.keys.server &&
			One.keys.public_key == Other.keys.public_key && One.keys.secret_key == Other.keys.secret_key;
	}
}

FFaceRigModule& FFaceRigModule::Get()
{
	return FModuleManager::LoadModuleChecked<FFaceRigModule>(TEXT("FaceRig"));
}

void FFaceRigModule::ShutdownModule()
{
	Local.Reset();
	for (TFuture<void>& Work : Works)
	{
		Work.Wait();
	}
	Works.Empty();
}

facerig::Address FFaceRigModule::ProjectAddress()
{
	const UFaceRigSettings* Settings = GetDefault<UFaceRigSettings>();
	facerig::Address Address;
	Address.service = FaceRig::ToUtf8(Settings->Address);
	Address.curves_port = Settings->CurvesPort;
	if (!Settings->ServerPublicKey.IsEmpty())
	{
		Address.keys.server = FaceRig::ToUtf8(Settings->ServerPublicKey);
		Address.keys.public_key = FaceRig::ToUtf8(Settings->ClientPublicKey);
		Address.keys.secret_key = FaceRig::ToUtf8(Settings->SecretKey());
	}
	return Address;
}

std::shared_ptr<facerig::Client> FFaceRigModule::Connect(const facerig::Address& Address)
{
	check(IsInGameThread());
	Connections.erase(std::remove_if(Connections.begin(), Connections.end(),
						  [](const FConnection& One) { return One.Client.expired(); }),
		Connections.end());
	for (const FConnection& One : Connections)
	{
		if (IsSame(One.Address, Address))
		{
			return One.Client.lock();
		}
	}
	// Closing says good-bye to the service, which takes a moment: never on the thread that lets go of it.
	std::shared_ptr<facerig::Client> Client(new facerig::Client(Address), [this](facerig::Client* Last)
	{
		InBackground([Last]() { delete Last; });
	});
	Connections.push_back({Address, Client});
	return Client;
}

void FFaceRigModule::Report(facerig::Client& Client)
{
	facerig::Event Event;
	while (Client.next_event(Event))
	{
		if (Event.kind == facerig::EventKind::connected)
		{
			UE_LOG(LogFaceRig, Log, TEXT("Connected to the service"));
		}
		else if (Event.kind == facerig::EventKind::lost)
		{
			UE_LOG(LogFaceRig, Warning, TEXT("The connection to the service was lost; connecting again"));
		}
		else if (Event.kind == facerig::EventKind::refused)
		{
			UE_LOG(LogFaceRig, Error, TEXT("%s"), *FaceRig::Line(Event.error));
		}
	}
}

TSharedPtr<FFaceRigLocalSource> FFaceRigModule::LocalSource()
{
	if (!Local.IsValid() || !Local->IsSourceStillValid())
	{
		Local = FFaceRigLocalSource::Create();
	}
	return Local;
}

void FFaceRigModule::InBackground(TUniqueFunction<void()> Work)
{
	Works.RemoveAll([](const TFuture<void>& Done) { return Done.IsReady(); });
	Works.Add(Async(EAsyncExecution::Thread, MoveTemp(Work)));
}
