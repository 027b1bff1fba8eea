#pragma once
#include "LiveLinkRole.h"
class ULiveLinkBasicRole : public ULiveLinkRole
{
	STUB_CLASS(ULiveLinkBasicRole, ULiveLinkRole)
};
