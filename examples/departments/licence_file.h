#pragma once

#include <string>

namespace datong::departments {

/// An OFD file as an e-licence system seals one: a ZIP container, nothing in it packed, with OFD.xml, a page, a
/// signature list and a picture of the seal. Its seal is none: the bytes are made of the code, always the same.
/// Source: GB/T 33190-2016, 6.
[[nodiscard]] std::string sealed_ofd(const std::string& code);

}  // namespace datong::departments
