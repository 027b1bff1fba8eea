#pragma once
#include "Async/Future.h"
#include "CoreMinimal.h"
enum class EAsyncExecution
{
	TaskGraph,
	TaskGraphMainThread,
	Thread,
	ThreadIfForkSafe,
	ThreadPool,
};
template <typename CallableType>
TFuture<void> Async(EAsyncExecution Execution, CallableType&& Callable)
{
	check(Execution == EAsyncExecution::Thread);
	return TFuture<void>(std::async(std::launch::async, [Work = static_cast<CallableType&&>(Callable)]() mutable { Work(); }));
}
namespace ENamedThreads
{
	enum Type
	{
		GameThread
	};
}
// Runs when the test lets its game's thread run.
void AsyncTask(ENamedThreads::Type Thread, TUniqueFunction<void()> Function);
