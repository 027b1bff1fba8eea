// A small game: the plugin's component, Live Link source and settings over stubs of the engine, against a real service.
//
//     facerig_game_test CONTROL_PORT CURVES_PORT SOUND.s16      (16 kHz)
//
// Exit code: how many checks failed.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>

#include "AudioDevice.h"
#include "Components/AudioComponent.h"
#include "Components/SkeletalMeshComponent.h"
#include "Engine/World.h"
#include "FaceRigComponent.h"
#include "FaceRigLiveLinkSourceFactory.h"
#include "FaceRigModule.h"
#include "FaceRigSettings.h"
#include "GameFramework/Actor.h"
#include "ILiveLinkClient.h"
#include "Roles/LiveLinkBasicRole.h"
#include "Sound/SoundAttenuation.h"
#include "Sound/SoundWaveProcedural.h"
#include "Stub.h"
#include "checks.h"
#include "playing.h"

namespace {

constexpr double kPatience = 60.0;

// Live Link, as far as sources see it: keeps what they push.
class FRecorder : public ILiveLinkClient {
public:
    struct FSubject {
        TArray<FName> Names;
        std::vector<std::vector<float>> Frames;
        std::vector<double> Times;
        bool bRemoved = false;
    };

    FGuid AddSource(TSharedPtr<ILiveLinkSource> Source) override {
        const FGuid Guid{static_cast<uint32>(++Sources), 0, 0, 0};
        Source->ReceiveClient(this, Guid);
        return Guid;
    }
    void RemoveSource(TSharedPtr<ILiveLinkSource>) override {}
    void PushSubjectStaticData_AnyThread(const FLiveLinkSubjectKey& Key, TSubclassOf<ULiveLinkRole> Role, FLiveLinkStaticDataStruct&& Data) override {
        CHECK(Role.Get() == ULiveLinkBasicRole::StaticClass());
        const std::lock_guard<std::mutex> Lock(Mutex);
        Subject(Key).Names = Data.Cast<FLiveLinkBaseStaticData>()->PropertyNames;
    }
    void PushSubjectFrameData_AnyThread(const FLiveLinkSubjectKey& Key, FLiveLinkFrameDataStruct&& Data) override {
        const std::lock_guard<std::mutex> Lock(Mutex);
        const FLiveLinkBaseFrameData& Frame = *Data.Cast<FLiveLinkBaseFrameData>();
        FSubject& One = Subject(Key);
        CHECK(Frame.PropertyValues.Num() == One.Names.Num());
        One.Frames.emplace_back(Frame.PropertyValues.begin(), Frame.PropertyValues.end());
        One.Times.push_back(Frame.WorldTime.GetOffsettedTime());
    }
    void RemoveSubject_AnyThread(const FLiveLinkSubjectKey& Key) override {
        const std::lock_guard<std::mutex> Lock(Mutex);
        Subject(Key).bRemoved = true;
    }
    FSubject Of(uint32 Source, const std::string& Name) {
        const std::lock_guard<std::mutex> Lock(Mutex);
        return Subjects[{Source, Name}];
    }

private:
    FSubject& Subject(const FLiveLinkSubjectKey& Key) {
        return Subjects[{Key.Source.A, StubToUtf8(*Key.SubjectName.Name.ToString())}];
    }
    std::mutex Mutex;
    std::map<std::pair<uint32, std::string>, FSubject> Subjects;
    int Sources = 0;
};

// A character in a world with a sound device, and what it told.
struct FStage {
    FStage(const TCHAR* Name, bool bDevice) {
        World.StubDevice = bDevice ? &Device : nullptr;
        Actor.StubName = Name;
        Actor.StubRoot = &Mesh;
        Actor.StubComponents.Add(&Mesh);
        Mesh.StubTargets.Add(TEXT("JAWOPEN"), 0.0f);
        Mesh.StubTargets.Add(TEXT("Zwinkern"), 0.0f);
        Component.StubOwner = &Actor;
        Component.StubWorld = &World;
        Component.bDriveMorphTargets = true;
        Component.MorphTargetNames.Add(TEXT("eyeBlinkLeft"), TEXT("Zwinkern"));
        Component.OnConnected.StubListener = [this] { ++Connected; };
        Component.OnInterrupted.StubListener = [this] { ++Interrupted; };
        Component.OnSpeechFinished.StubListener = [this] { ++Finished; };
        Component.OnDisconnected.StubListener = [this](const FString& Reason) { Over = Reason; };
        Component.OnError.StubListener = [this](const FString& Code, const FString&, const FString&) { Errors.push_back(StubToUtf8(*Code)); };
    }

    void Picture() {
        StubRunGameThread();
        Component.TickComponent(1.0f / 60.0f, LEVELTICK_All, &Component.PrimaryComponentTick);
        MostOpen = std::max(MostOpen, Component.GetCurve(TEXT("JawOpen")));
    }

    bool Until(const std::function<bool()>& Done) {
        return playing::pictures_until(kPatience, [this] { Picture(); }, Done);
    }

    FAudioDevice Device;
    UWorld World;
    AActor Actor;
    USkeletalMeshComponent Mesh;
    UFaceRigComponent Component;
    int Connected = 0, Interrupted = 0, Finished = 0;
    FString Over;
    std::vector<std::string> Errors;
    float MostOpen = 0.0f;
};

FRecorder Recorder;
std::mutex HeardMutex;
std::vector<int16> Heard;

void AskForSound() {
    UAudioComponent* Player = UAudioComponent::StubPlays();
    if (Player == nullptr || Player->Sound == nullptr) return;
    TArray<uint8> Block;
    auto& Wave = static_cast<USoundWaveProcedural&>(*Player->Sound);
    CHECK(Wave.OnGeneratePCMAudio(Block, playing::kBlock) == static_cast<int32>(playing::kBlock));
    CHECK(Block.Num() == 2 * static_cast<int32>(playing::kBlock));
    const auto* Samples = reinterpret_cast<const int16*>(Block.GetData());
    const std::lock_guard<std::mutex> Lock(HeardMutex);
    Heard.insert(Heard.end(), Samples, Samples + playing::kBlock);
}

double HeardEnergy() {
    const std::lock_guard<std::mutex> Lock(HeardMutex);
    double Sum = 0.0;
    for (const int16 Sample : Heard) Sum += static_cast<double>(Sample) * Sample / (32768.0 * 32768.0);
    Heard.clear();
    return Sum;
}

double Energy(const std::vector<float>& Sound, double RateFactor) {
    double Sum = 0.0;
    for (const float Sample : Sound) Sum += static_cast<double>(Sample) * static_cast<double>(Sample);
    return Sum * RateFactor;
}

// A packaged sound wave: stereo, decoded in the background, resampled, heard, and seen in three places.
void SpeaksAWave(FStage& Stage, const std::vector<float>& Sound) {
    USoundWave Wave;
    Wave.NumChannels = 2;
    Wave.StubRate = 16'000;
    for (const float Sample : Sound) Wave.StubSamples.insert(Wave.StubSamples.end(), {Sample, Sample});
    Stage.Component.StartSpeaking(&Wave);
    CHECK(Stage.Component.IsSpeaking());
    CHECK(Stage.Until([&] { return Stage.Finished == 1; }));
    CHECK(Stage.Errors.empty() && !Stage.Component.IsSpeaking());
    const double Ratio = HeardEnergy() / Energy(Sound, 3.0);
    CHECK(Ratio > 0.97 && Ratio < 1.03);
    CHECK(Stage.MostOpen > 0.1f);
    CHECK(Stage.Component.GetLatencyMs() > 20.0f && Stage.Component.GetLookAheadMs() > 10.0f);

    const FRecorder::FSubject Subject = Recorder.Of(1, "anna");
    CHECK(Subject.Names.Num() == 61 && Subject.Frames.size() > 30);
    CHECK(Subject.Names[0].ToString() == FString(TEXT("EyeBlinkLeft")));
    const int32 Jaw = Subject.Names.Find(TEXT("JawOpen"));
    CHECK(Jaw != INDEX_NONE);
    float MostPushed = 0.0f;
    for (const std::vector<float>& Frame : Subject.Frames) MostPushed = std::max(MostPushed, Frame[static_cast<size_t>(Jaw)]);
    CHECK(MostPushed == Stage.MostOpen);
    CHECK(*Stage.Mesh.StubTargets.Find(TEXT("jawOpen")) == Stage.Component.GetCurve(TEXT("jawOpen")));
    CHECK(*Stage.Mesh.StubTargets.Find(TEXT("Zwinkern")) == Stage.Component.GetCurve(TEXT("EyeBlinkLeft")));
    CHECK(Stage.Mesh.StubTargets.Num() == 2);
}

// Samples as they come, acting meanwhile, and cut off.
void IsInterrupted(FStage& Stage, const std::vector<float>& Sound) {
    TArray<float> Samples;
    Samples.Append(Sound.data(), static_cast<int32>(Sound.size()));
    Stage.Component.AppendAudio(Samples, 16'000, 1);
    Stage.Component.Flush();
    Stage.Component.SetEmotion(TEXT("joy:0.8"), 0.2f);
    Stage.Component.LookAt(FVector(100.0, 50.0, 20.0));
    Stage.Component.Blink();
    Stage.Component.SetDetail(2);
    Stage.Component.ClearGaze();
    CHECK(Stage.Until([&] { return HeardEnergy() > 0.0; }));
    Stage.Component.Interrupt();
    CHECK(Stage.Until([&] { return Stage.Interrupted == 1; }));
    CHECK(Stage.Until([&] { return !Stage.Component.IsSpeaking(); }));
    HeardEnergy();
    CHECK(Stage.Errors.empty());
}

// A submix that others play: the face follows, late by as much as is said; nothing else is spoken meanwhile.
void HearsASubmix(const std::vector<float>& Sound) {
    FStage Stage(TEXT("carl"), true);
    Stage.Component.BeginPlay();
    CHECK(Stage.Until([&] { return Stage.Connected == 1; }));
    Stage.Component.StartListening(nullptr);
    CHECK(Stage.Device.StubListener.IsValid());
    const TSharedPtr<ISubmixBufferListener> Listener = Stage.Device.StubListener;
    std::atomic<std::size_t> Given{0};
    {
        const playing::Mixer Mixer(48'000, [&] {
            float Block[2 * playing::kBlock];
            for (std::size_t Frame = 0; Frame < playing::kBlock; ++Frame, ++Given) {
                Block[2 * Frame] = Block[2 * Frame + 1] = Sound[Given / 3 % Sound.size()];
            }
            Listener->OnNewSubmixBuffer(nullptr, Block, 2 * playing::kBlock, 2, 48'000, 0.0);
        });
        CHECK(Stage.Until([&] { return Given > 3 * Sound.size() && Stage.MostOpen > 0.1f; }));
        CHECK(Stage.Component.GetTapLateMs() > 60.0f);
        CHECK(Stage.Errors.empty() && !Stage.Component.IsSpeaking());
        Stage.Component.Say(TEXT("No."), TEXT(""));
        CHECK(Stage.Errors == std::vector<std::string>{"config"});
    }
    Stage.Component.StopListening();
    CHECK(!Stage.Device.StubListener.IsValid() && Stage.Component.GetTapLateMs() == 0.0f);
    Stage.Component.EndPlay(EEndPlayReason::Quit);
}

// What is wrong is told, and nothing else happens.
void TellsMistakes(FStage& Stage) {
    TArray<float> Samples;
    Samples.AddZeroed(5);
    Stage.Component.AppendAudio(Samples, 16'000, 2);
    Stage.Component.AppendAudio(Samples, 3, 1);
    Stage.Component.StartSpeaking(nullptr);
    Stage.Component.StartSpeaking(NewObject<USoundWaveProcedural>(nullptr));
    Stage.Component.SetDetail(3);
    Stage.Component.Say(TEXT(""), TEXT(""));
    USoundWave Broken;
    Stage.Component.StartSpeaking(&Broken);
    CHECK(Stage.Until([&] { return Stage.Errors.size() == 7; }));
    CHECK(Stage.Component.IsConnected());
    Stage.Errors.clear();
}

// The source of the Live Link panel shows the same character, found by its schema.
void IsObserved(FStage& Stage, const std::string& Control, const std::string& Curves) {
    const std::string Connection = "address=tcp://127.0.0.1:" + Control + ";curves=" + Curves + ";nonsense;subjects=anna";
    const TSharedPtr<ILiveLinkSource> Source = GetDefault<UFaceRigLiveLinkSourceFactory>()->CreateSource(FString(UTF8_TO_TCHAR(Connection.c_str())));
    CHECK(!Source->IsSourceStillValid());
    Recorder.AddSource(Source);
    CHECK(Stage.Until([&] { return Recorder.Of(2, "anna").Frames.size() > 20; }));
    CHECK(Source->IsSourceStillValid() && Source->GetSourceStatus().ToString() == FString(TEXT("Active")));
    const FRecorder::FSubject Subject = Recorder.Of(2, "anna");
    CHECK(Subject.Names.Num() == 61 && std::is_sorted(Subject.Times.begin(), Subject.Times.end()));
    CHECK(Stage.Until([&] { return Source->RequestSourceShutdown(); }));
    const std::size_t Before = Recorder.Of(2, "anna").Frames.size();
    CHECK(!playing::pictures_until(0.2, [&] { Stage.Picture(); }, [] { return false; }));
    CHECK(Recorder.Of(2, "anna").Frames.size() == Before && !Source->IsSourceStillValid());
}

// A server has no sound device: the sentence passes by, and its face with it.
void SpeaksUnheard(const std::vector<float>& Sound) {
    FStage Stage(TEXT("bob"), false);
    Stage.Component.BeginPlay();
    CHECK(Stage.Until([&] { return Stage.Connected == 1; }));
    TArray<float> Samples;
    Samples.Append(Sound.data(), static_cast<int32>(Sound.size() / 2));
    Stage.Component.AppendAudio(Samples, 16'000, 1);
    Stage.Component.Flush();
    CHECK(Stage.Until([&] { return Stage.Finished == 1; }));
    CHECK(Stage.MostOpen > 0.1f && UAudioComponent::StubPlays() == nullptr);
    Stage.Component.EndPlay(EEndPlayReason::Quit);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) return 100;
    IModularFeatures::Get().StubType = ILiveLinkClient::ModularFeatureName;
    IModularFeatures::Get().StubFeature = &Recorder;
    auto& Settings = const_cast<UFaceRigSettings&>(*GetDefault<UFaceRigSettings>());
    Settings.Address = FString(UTF8_TO_TCHAR((std::string("tcp://127.0.0.1:") + argv[1]).c_str()));
    Settings.CurvesPort = std::atoi(argv[2]);
    Settings.MarginMs = 60'000.0f;  // a sentence begins once all of its faces are there, however busy the machine is
    Settings.PatienceMs = 600'000.0f;
    CHECK(Settings.GetCategoryName() == FName(TEXT("Plugins")));
    const std::vector<float> Sound = playing::sound_of(argv[3]);
    {
        FStage Stage(TEXT("anna"), true);
        Stage.Component.Flush();
        CHECK(Stage.Errors == std::vector<std::string>{"config"});
        Stage.Errors.clear();
        Stage.Component.BeginPlay();
        CHECK(!Stage.Component.IsConnected());
        CHECK(Stage.Until([&] { return Stage.Connected == 1; }));
        CHECK(Stage.Component.IsConnected() && Stage.Component.GetCurveNames().Num() == 61);
        {
            const playing::Mixer Mixer(48'000, AskForSound);
            SpeaksAWave(Stage, Sound);
            IsInterrupted(Stage, Sound);
        }
        TellsMistakes(Stage);
        IsObserved(Stage, argv[1], argv[2]);
        Stage.Component.EndPlay(EEndPlayReason::Destroyed);
        CHECK(!Stage.Component.IsConnected() && Recorder.Of(1, "anna").bRemoved && UAudioComponent::StubPlays() == nullptr);
    }
    SpeaksUnheard(Sound);
    Settings.MarginMs = 50.0f;
    HearsASubmix(Sound);
    FFaceRigModule::Get().ShutdownModule();
    return std::min(failures, 99);
}
