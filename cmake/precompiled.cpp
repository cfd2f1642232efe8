// Nothing stands here: CMake wants a file for the target that reads the headers (cmake/Precompiled.cmake).
