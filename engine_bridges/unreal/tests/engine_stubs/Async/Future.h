#pragma once
#include <chrono>
#include <future>
template <typename T>
class TFuture
{
public:
	TFuture() = default;
	TFuture(std::future<T> InInner) : Inner(std::move(InInner)) {}
	bool IsReady() const { return Inner.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }
	void Wait() const { Inner.wait(); }

private:
	std::future<T> Inner;
};
