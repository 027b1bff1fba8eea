#pragma once
#include <mutex>
class FCriticalSection
{
public:
	void Lock() { Inner.lock(); }
	void Unlock() { Inner.unlock(); }

private:
	std::recursive_mutex Inner;
};
