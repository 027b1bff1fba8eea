#pragma once
class FAudioDevice
{
};
