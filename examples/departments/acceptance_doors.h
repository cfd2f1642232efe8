#pragma once

#include <optional>
#include <string>
#include <vector>

#include "examples/departments/acceptance.h"
#include "examples/departments/tiny_frame.h"
#include "examples/departments/tiny_http.h"

namespace datong::departments {

// How each department's acceptance system is spoken to; every one has codes of its own. The desk must outlive what is
// made here.

/// 自然资源 over REST: /NAME/push, /NAME/find and /NAME/result, forms in and JSON out; every name in the path is a
/// department of its own. 税务 below /tax over SOAP: `String invokeTask(String xml)`, TAXBIZML in a text, A001 takes a
/// task and A003 tells its state.
[[nodiscard]] Handler acceptance_systems(AcceptanceDesk& desk);

/// 财政 over frames: CNNONTAX, message 8801 takes a case and 8802 tells its state.
[[nodiscard]] FrameHandler finance_cases(AcceptanceDesk& desk);

/// 住建 through its exchange database: what stands in a receipt row behind the number of the case.
/// @param id_no  of whom the case was pushed about
/// @return slh, zt, yy, slsj, zjhm, wsbh, wsmc, fzrq, wjzy; nullopt when this system leaves no row.
[[nodiscard]] std::optional<std::vector<std::string>> construction_receipt(const Said& said, const std::string& id_no);

}  // namespace datong::departments
