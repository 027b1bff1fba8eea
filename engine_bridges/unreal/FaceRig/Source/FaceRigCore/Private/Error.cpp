#include "FaceRigCore/Error.h"

namespace facerig {

std::string Error::text() const {
    std::string all = where.empty() ? what : where + ": " + what;
    if (!fix.empty()) all += " (fix: " + fix + ")";
    return all;
}

}  // namespace facerig
