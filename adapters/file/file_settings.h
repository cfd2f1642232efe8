#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/file/letter.h"
#include "adapters/file/names.h"
#include "adapters/file/sftp_session.h"
#include "core/adapter/settings.h"

namespace datong::adapters::file {

/// What a source of this kind says, checked.
struct FileSettings {
    Rules rules;
    std::optional<SftpServer> server;  ///< nullopt: the folders are this machine's
    std::map<std::string, Operation, std::less<>> operations;
    charset::Charset names{};
    std::chrono::milliseconds poll{};
};

/// The lists that reader, schema and documentation come from.
[[nodiscard]] std::vector<adapter::Setting> source_settings();
[[nodiscard]] std::vector<adapter::Setting> operation_settings();

/// What the lists can't say becomes a mistake here.
[[nodiscard]] FileSettings read_file_settings(const adapter::Settings& settings, const adapter::Tools& tools,
                                              Mistakes& mistakes);

}  // namespace datong::adapters::file
